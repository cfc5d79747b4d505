import { execFailurePoints } from '../exec/exec-sessions.ts'
import { logFailurePoints } from '../logs/log-rotator.ts'

/** Every named point of a container's life at which a test may kill the agent, in the order in which they are passed. */
export const containerFailurePoints = [
  'containers.create.state',
  'containers.create.pin',
  'containers.create.snapshot',
  'containers.create.volumes',
  'containers.create.log',
  'containers.create.done',
  'containers.start.state',
  'containers.start.mount',
  'containers.start.network',
  'containers.start.bundle',
  'containers.start.conmon',
  'containers.start.runc',
  'containers.start.done',
  'containers.stop.state',
  'containers.stop.signal',
  'containers.stop.ended',
  'containers.finish.state',
  'containers.finish.runc',
  'containers.finish.network',
  'containers.finish.unmount',
  'containers.finish.bundle',
  'containers.finish.done',
  'containers.network.state',
  'containers.network.changed',
  'containers.remove.state',
  'containers.remove.exec',
  'containers.remove.snapshot',
  'containers.remove.unpin',
  'containers.remove.volumes',
  'containers.remove.done',
] as const

export const engineFailurePoints: readonly string[] = [
  ...containerFailurePoints,
  ...execFailurePoints,
  ...logFailurePoints,
]
