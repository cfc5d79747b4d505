/** The files of a volume, within reach until it is closed. */
export interface OpenedVolume {
  name: string
  /** Its top, for functions that walk from it. */
  root: string
  /** Ends with the call, and at the latest when the volume may be open no longer. */
  signal: AbortSignal
  /** Does work on the files: its outcome, or the signal's reason where that comes first. */
  run<T>(work: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** A volume whose folder lies on this machine: nothing has to be ended but the hold that keeps it from being removed. */
export function plainVolume(name: string, root: string, signal: AbortSignal, release: () => void): OpenedVolume {
  return { name, root, signal, run: (work) => work(), close: () => Promise.resolve(release()) }
}

/** What a stream gives, each piece of it as work on the opened volume. */
export async function* streamOf<T>(opened: OpenedVolume, items: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]()
  try {
    for (;;) {
      const step = await opened.run(() => iterator.next())
      if (step.done === true) return
      yield step.value
    }
  } finally {
    await opened.run(async () => void (await iterator.return?.())).catch(() => {}) // the first failure is the one to tell
  }
}
