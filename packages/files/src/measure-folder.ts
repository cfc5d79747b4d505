import { SharedTurns } from '@flotilla/async'
import { run } from '@flotilla/host'
import { fail } from '@flotilla/protocol'

/** A walk over millions of files takes its time; whoever asked may give up earlier. */
const measureMs = 600_000
/** Most walks of one engine at once, however many ask: each keeps a disk busy. */
const mostWalks = 2

/** The walks of one engine, by what they measure: those who ask for the size of one volume at one time share its walk. */
export class SizeWalks extends SharedTurns<number> {
  constructor() {
    super(mostWalks)
  }
}

/** Bytes that a folder takes on the disk; holes take none, and a file of several names counts once. */
export async function measureFolder(path: string, signal: AbortSignal): Promise<number> {
  const { stdout, stderr } = await run(['du', '--summarize', '--block-size=1', path], { signal, timeoutMs: measureMs })
  // It answers 1 where a file went away under it, with the sum of all others.
  const bytes = /^(\d+)\t/.exec(stdout.toString())?.[1]
  if (bytes !== undefined) return Number(bytes)
  throw fail('volume.notMeasured', {}, { detail: stderr.slice(0, 1000) })
}

/** A size that is wanted for a sum alone: null where it cannot be told, or not in time. Throws where the call itself is aborted. */
export async function sizeIfKnown(signal: AbortSignal, measured: Promise<number | null>): Promise<number | null> {
  const size = await measured.catch(() => null)
  signal.throwIfAborted()
  return size
}
