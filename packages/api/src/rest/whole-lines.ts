import type { LogLine } from '@flotilla/protocol'

/** Of a longer line what has come is given without waiting for its end. */
const longest = 1024 * 1024

/** Puts lines together whose pieces an engine tells apart: each has the time of its first piece. */
export class WholeLines {
  readonly #open = new Map<LogLine['stream'], { time: string; texts: string[]; length: number }>()

  /** What is whole with this piece; one that is `partial` is longer than what is held, and goes on. */
  add(line: LogLine): LogLine[] {
    const { stream, partial = false } = line
    const open = this.#open.get(stream)
    if (open === undefined && !partial) return [line]
    const { time, texts, length } = open ?? { time: line.time, texts: [], length: 0 }
    texts.push(line.text)
    const all = length + line.text.length
    const isGiven = !partial || all >= longest
    if (!isGiven || partial) this.#open.set(stream, { time, texts: isGiven ? [] : texts, length: isGiven ? 0 : all })
    else this.#open.delete(stream)
    return isGiven ? [made(time, stream, texts, partial)] : []
  }

  /** What has not come to its end. */
  end(): LogLine[] {
    const left = [...this.#open].filter(([, { texts }]) => texts.length > 0)
    this.#open.clear()
    return left.map(([stream, { time, texts }]) => made(time, stream, texts, true))
  }
}

function made(time: string, stream: LogLine['stream'], texts: readonly string[], partial: boolean): LogLine {
  const line = { time, stream, text: texts.join('') }
  return partial ? { ...line, partial } : line
}

/** Whole lines as text: one line each, with its time once. */
export class TextLines {
  readonly #timestamps: boolean
  readonly #lines = new WholeLines()
  /** The stream whose line is not at its end. */
  #open: LogLine['stream'] | undefined

  constructor(timestamps: boolean) {
    this.#timestamps = timestamps
  }

  add(lines: readonly LogLine[]): string {
    return lines.flatMap((line) => this.#lines.add(line).map((whole) => this.#text(whole))).join('')
  }

  end(): string {
    return this.#lines
      .end()
      .map((line) => this.#text(line))
      .join('')
  }

  #text({ time, stream, text, partial }: LogLine): string {
    const isOpen = this.#open === stream
    // What the other stream prints meanwhile stands on a line of its own, in what is longer than can be held.
    const cut = this.#open === undefined || isOpen ? '' : '\n'
    this.#open = partial === true ? stream : undefined
    return `${cut}${this.#timestamps && !isOpen ? `${time} ` : ''}${text}${partial === true ? '' : '\n'}`
  }
}
