/** Something outside of this process that it waits for. */
export interface UnderWay {
  /** The program, or what else may not answer, as a person knows it. */
  readonly what: string
  /** The id of the one object that it is for, where it is for one. */
  readonly about: string | undefined
  readonly since: Date
  /** The same on the clock that nobody sets, in milliseconds. */
  readonly beganAt: number
}

/** Of this process: programs run one by one for whoever asks, and what hangs is seen by others than those who wait for it. */
const all = new Set<UnderWay>()

/** Runs something that waits for another program or side, and has it listed meanwhile. */
export async function underWay<T>(what: string, work: () => Promise<T>, about?: string): Promise<T> {
  const entry: UnderWay = { what, about, since: new Date(), beganAt: performance.now() }
  all.add(entry)
  try {
    return await work()
  } finally {
    all.delete(entry)
  }
}

/** What has been waited for longest, if for so many milliseconds, of what is meant. */
export function longestUnderWay(atLeastMs: number, isMeant: (entry: UnderWay) => boolean): UnderWay | undefined {
  const before = performance.now() - atLeastMs
  // They are in the order in which they began.
  for (const entry of all) if (entry.beganAt <= before && isMeant(entry)) return entry
  return undefined
}
