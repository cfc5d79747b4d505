import { setTimeout as sleep } from 'node:timers/promises'

/** Settles after so many milliseconds, and sooner where the signal aborts: who loops looks at the signal. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {}) // the end of a wait is no failure
}
