import { type ExecDown, fail } from '@flotilla/protocol'
import type { z } from 'zod'
import type { RunAnswer } from './shapes.ts'

/** Most bytes of each stream that one command's answer holds. */
const retainedBytes = 1024 * 1024

/** Reads a command's output to its end and keeps the start of each stream. UNAVAILABLE where it breaks off before its exit. */
export async function collectOutput(output: AsyncIterable<Uint8Array | ExecDown>): Promise<z.output<typeof RunAnswer>> {
  const retained = { stdout: new Start(), stderr: new Start() }
  let channel: 'stdout' | 'stderr' = 'stdout'
  for await (const item of output) {
    if (item instanceof Uint8Array) retained[channel].add(item)
    else if (item.type === 'channel') channel = item.channel
    else if (item.type === 'exit') {
      return {
        stdout: retained.stdout.toString(),
        stderr: retained.stderr.toString(),
        exitCode: item.exitCode,
        ...(item.reason === undefined ? {} : { reason: item.reason }),
        ...(item.reasonFacts === undefined ? {} : { reasonFacts: item.reasonFacts }),
        truncated: retained.stdout.truncated || retained.stderr.truncated,
      }
    }
  }
  throw fail('session.lost')
}

/** The first bytes of a stream. */
class Start {
  readonly #pieces: Uint8Array[] = []
  #room = retainedBytes
  truncated = false

  add(piece: Uint8Array): void {
    if (piece.length <= this.#room) this.#pieces.push(piece)
    else {
      this.truncated = true
      // A view of it, however short, would hold all of its memory.
      if (this.#room > 0) this.#pieces.push(Buffer.from(piece.subarray(0, this.#room)))
    }
    this.#room -= Math.min(piece.length, this.#room)
  }

  toString(): string {
    return Buffer.concat(this.#pieces).toString()
  }
}
