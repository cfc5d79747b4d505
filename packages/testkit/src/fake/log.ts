import { type ContainerSpec, type EngineMethods, type Handler, type LogLine, fail } from '@flotilla/protocol'

type Input = Parameters<Handler<EngineMethods['containers']['logs']>>[0]
type Channel = 'stdout' | 'stderr'

/** Most lines kept of one container; older ones are dropped and shown as a gap, as a rotated file's are. */
const retainedLines = 100_000
const batchLines = 500

/** The printed lines of one fake container, numbered from 0 since it was made. */
export class FakeLog {
  #lines: LogLine[] = []
  #dropped = 0
  #droppedTo: string | null = null
  #rest: Record<Channel, string> = { stdout: '', stderr: '' }
  #wake = new Set<() => void>()
  #nanoseconds = 0
  #ended = true

  /** The container runs again: a follower waits for more. */
  begin(): void {
    this.#ended = false
  }

  /** The container has ended: what had no newline yet is a line too, and followers end. */
  end(): void {
    for (const channel of ['stdout', 'stderr'] as const) {
      if (this.#rest[channel] !== '') this.#push(channel, this.#rest[channel], true)
      this.#rest[channel] = ''
    }
    this.#ended = true
    this.#changed()
  }

  print(channel: Channel, bytes: Uint8Array): void {
    const parts = (this.#rest[channel] + Buffer.from(bytes).toString()).split('\n')
    this.#rest[channel] = parts.pop() ?? ''
    for (const text of parts) this.#push(channel, text, false)
    if (parts.length > 0) this.#changed()
  }

  #push(stream: Channel, text: string, partial: boolean): void {
    this.#nanoseconds = (this.#nanoseconds + 1) % 1_000_000
    const time = new Date().toISOString().replace('Z', `${String(this.#nanoseconds).padStart(6, '0')}Z`)
    this.#lines.push(partial ? { time, stream, text, partial } : { time, stream, text })
    if (this.#lines.length <= retainedLines) return
    const gone = this.#lines.splice(0, this.#lines.length - retainedLines)
    this.#dropped += gone.length
    this.#droppedTo = gone.at(-1)?.time ?? null
  }

  async *read(input: Input, signal: AbortSignal) {
    const wanted = (line: LogLine) =>
      (line.stream === 'stdout' ? input.stdout : input.stderr) &&
      (input.since === undefined || Date.parse(line.time) >= Date.parse(input.since)) &&
      (input.until === undefined || Date.parse(line.time) < Date.parse(input.until))
    let next = input.after === undefined ? this.#first(input, wanted) : position(input.after)
    for (;;) {
      const lost = Math.max(0, this.#dropped - next)
      next = Math.max(next, this.#dropped)
      const end = Math.min(this.#dropped + this.#lines.length, next + batchLines)
      const lines = this.#lines.slice(next - this.#dropped, end - this.#dropped).filter(wanted)
      next = end
      if (lines.length > 0) {
        const batch = { lines, cursor: String(next) }
        yield lost === 0 ? batch : { ...batch, gap: { from: null, to: this.#droppedTo, lines: lost } }
      }
      if (next < this.#dropped + this.#lines.length) continue
      if (!input.follow || this.#ended || signal.aborted) return
      await this.#change(signal)
    }
  }

  #first(input: Input, wanted: (line: LogLine) => boolean): number {
    if (input.tail === null) return 0
    let left = input.tail
    let at = this.#lines.length
    while (at > 0 && left > 0) {
      at -= 1
      const line = this.#lines[at]
      if (line !== undefined && wanted(line)) left -= 1
    }
    return this.#dropped + at
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#wake.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.#wake.add(done)
      signal.addEventListener('abort', done, { once: true })
    })
  }

  #changed(): void {
    for (const wake of [...this.#wake]) wake()
  }
}

function position(cursor: string): number {
  const value = Number(cursor)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw fail('log.badCursor')
}

/** What the spec's restart policy says after an exit that nobody asked for. */
export function restarts(policy: ContainerSpec['restart'], exitCode: number, restartCount: number): boolean {
  if (policy.policy === 'always' || policy.policy === 'unless-stopped') return true
  if (policy.policy !== 'on-failure' || exitCode === 0) return false
  return policy.maximumRetries === 0 || restartCount < policy.maximumRetries
}
