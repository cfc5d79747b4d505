import type { ClientHttp2Stream } from 'node:http2'

const patienceMs = 5000
const pauseMs = 50

/** What tells the frames of a stream apart: their type, of what event they tell, and whether there is progress yet. */
export function kindOf(frame: unknown): string {
  if (typeof frame !== 'object' || frame === null) return String(frame)
  const { type, state, resumed, progress, event } = frame as Record<string, unknown>
  const begun = Array.isArray(progress) && progress.length > 0 ? 'begun' : undefined
  const parts = [type, state, begun, resumed, event === undefined ? undefined : kindOfEvent(event)]
  return parts.filter((part) => part !== undefined).join(' ')
}

function kindOfEvent(event: unknown): string {
  const { type, action, container, image } = event as Record<string, unknown>
  return [type, action, (container ?? image ?? null) === null ? 'gone' : 'there'].join(' ')
}

/** One call in bare HTTP/2, with the frames and the code that it is answered. Made `again` while it is NOT_FOUND. */
export class Exchange {
  frames: unknown[] = []
  code: string | undefined
  readonly #name: string
  readonly #open: () => ClientHttp2Stream
  #again: number
  #stream: ClientHttp2Stream
  #sent: Buffer[] = []
  #rest = Buffer.alloc(0)
  #wake = () => {}
  #retry: NodeJS.Timeout | undefined

  constructor(name: string, open: () => ClientHttp2Stream, again: number) {
    this.#name = name
    this.#open = open
    this.#again = again
    this.#stream = this.#begin()
  }

  get id(): number {
    return this.#stream.id ?? 0
  }

  send(data: Buffer): void {
    this.#sent.push(data)
    this.#stream.write(data)
  }

  end(): void {
    this.#stream.end()
  }

  /** Makes it no more. */
  close(): void {
    clearTimeout(this.#retry)
  }

  /** Throws where no frame of the kind comes in time. */
  hasAnswered(kind: string): Promise<void> {
    return this.#until(() => this.frames.some((frame) => kindOf(frame) === kind), `did not answer "${kind}"`)
  }

  hasEnded(): Promise<void> {
    return this.#until(() => this.code !== undefined, 'did not end')
  }

  #begin(): ClientHttp2Stream {
    const stream = this.#open()
    stream.on('error', () => {}) // who waits is told that nothing comes
    stream.on('data', (chunk: Buffer) => this.#take(chunk))
    stream.on('trailers', (trailers: Record<string, unknown>) => this.#finish(String(trailers['code'])))
    return stream
  }

  #take(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk])
    while (this.#rest.length >= 5 && this.#rest.length >= 5 + this.#rest.readUInt32BE(1)) {
      const payload = this.#rest.subarray(5, 5 + this.#rest.readUInt32BE(1))
      this.frames.push(this.#rest[0] === 1 ? (JSON.parse(payload.toString()) as unknown) : 'bytes')
      this.#rest = this.#rest.subarray(5 + payload.length)
    }
    this.#wake()
  }

  #finish(code: string): void {
    if (code === 'NOT_FOUND' && this.#again > 0) {
      this.#again -= 1
      this.#stream.end()
      this.#retry = setTimeout(() => {
        this.#stream = this.#begin()
        for (const data of this.#sent) this.#stream.write(data)
      }, pauseMs)
      return
    }
    this.code = code
    this.#wake()
  }

  async #until(isSo: () => boolean, otherwise: string): Promise<void> {
    let late = false
    const timer = setTimeout(() => {
      late = true
      this.#wake()
    }, patienceMs)
    while (!isSo() && !late && this.code === undefined) {
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    clearTimeout(timer)
    if (isSo()) return
    throw new Error(`${this.#name} ${otherwise}; it ended with ${this.code} after ${JSON.stringify(this.frames)}`)
  }
}
