import type { LogLine } from '@flotilla/protocol'
import type { LogEntry } from './log-entry.ts'

/** A byte order mark at the beginning is a character like any other. */
const decoder = () => new TextDecoder('utf-8', { ignoreBOM: true })

/** Makes lines of entries; characters that were cut between two pieces of a line are put together. */
export class LineDecoder {
  readonly #decoders = { stdout: decoder(), stderr: decoder() }
  readonly #open = { stdout: false, stderr: false }

  decode({ time, stream, partial, data }: LogEntry): LogLine {
    const text =
      partial || this.#open[stream] ? this.#decoders[stream].decode(data, { stream: partial }) : data.toString('utf8')
    this.#open[stream] = partial
    return partial ? { time, stream, text, partial } : { time, stream, text }
  }
}
