/** Every named point of a volume's life at which a test may kill the agent, in the order in which they are passed. */
export const volumeFailurePoints = [
  'volumes.create.state',
  'volumes.create.folder',
  'volumes.create.done',
  'volumes.fill.state',
  'volumes.fill.copied',
  'volumes.fill.placing',
  'volumes.fill.placed',
  'volumes.fill.done',
  'volumes.clone.copied',
  'volumes.rename.done',
  'volumes.remove.state',
  'volumes.remove.folder',
  'volumes.remove.done',
  'volumes.prune.next',
  'volumes.files.noted',
  'volumes.files.written',
] as const
