import type { ExecUp, ReportedError } from '@flotilla/protocol'

export interface StreamFailure extends Partial<Pick<ReportedError, 'kind' | 'params'>> {
  code: string
  message: string
}

export type StreamState = 'connecting' | 'open' | 'lost' | 'ended'

interface Wire {
  newId(): number
  open(id: number, answer: (reply: unknown) => void): void
  ack(id: number, bytes: number): void
  input(id: number, input: { data?: Uint8Array; message?: ExecUp }, answered?: () => void): void
  close(id: number, tell: boolean): void
  isConnected(): boolean
}

const retryable = new Set(['UNAVAILABLE', 'TIMEOUT', 'RESOURCE_EXHAUSTED'])
const firstRetryMs = 500
const mostRetryMs = 5000

/** One stream over the live channel. It reopens after a cut connection and after failures that may pass. */
export class LiveStream {
  state: StreamState = 'connecting'
  failure: StreamFailure | null = null
  /** Called with each piece; `done` says that it has been rendered, which lets the server send more. */
  onBytes: (bytes: Uint8Array, done: () => void) => void = (_bytes, done) => done()
  onMessage: (text: string) => void = () => undefined
  onState: () => void = () => undefined

  private readonly wire: Wire
  private id = 0
  private closed = false
  private retryMs = firstRetryMs
  private retry: ReturnType<typeof setTimeout> | null = null
  private closedListener: () => void = () => undefined

  constructor(wire: Wire) {
    this.wire = wire
  }

  onClosed(listener: () => void): void {
    this.closedListener = listener
  }

  connect(): void {
    if (this.closed || this.state === 'ended') return
    this.clearRetry()
    const id = this.wire.newId()
    this.id = id
    this.set('connecting', null)
    this.wire.open(id, (reply) => {
      if (this.id !== id || this.closed || this.state !== 'connecting') return
      const failure = failureOf(reply)
      if (failure) this.ended(failure)
      else this.set('open', null)
    })
  }

  receive(data: ArrayBuffer | Uint8Array | string): void {
    if (this.closed) return
    this.retryMs = firstRetryMs
    if (this.state === 'connecting') this.set('open', null)
    const id = this.id
    if (typeof data === 'string') {
      this.onMessage(data)
      this.wire.ack(id, data.length)
      return
    }
    const bytes = data instanceof Uint8Array ? data : new Uint8Array(data)
    const length = bytes.byteLength
    this.onBytes(bytes, () => {
      if (length > 0 && this.id === id && !this.closed && this.wire.isConnected()) this.wire.ack(id, length)
    })
  }

  ended(failure?: StreamFailure): void {
    if (this.closed) return
    this.wire.close(this.id, false)
    if (failure && retryable.has(failure.code)) {
      this.set('lost', failure)
      this.retry = setTimeout(() => {
        if (this.wire.isConnected()) this.connect()
      }, this.retryMs)
      this.retryMs = Math.min(mostRetryMs, this.retryMs * 2)
      return
    }
    this.set('ended', failure ?? null)
  }

  /** The connection is gone; the channel calls `connect` when it is back. */
  lost(): void {
    if (this.closed || this.state === 'ended') return
    this.clearRetry()
    this.set('lost', null)
  }

  /** Sends a piece of input, of 64 KiB at most; `passed` is called when it is on its way from the server to the host. */
  write(bytes: Uint8Array, passed: () => void): void {
    const id = this.id
    if (this.state !== 'open') return
    this.wire.input(id, { data: bytes }, () => {
      if (this.id === id && this.state === 'open') passed()
    })
  }

  send(message: ExecUp): void {
    if (this.state === 'open') this.wire.input(this.id, { message })
  }

  /** Opens again what has ended, from its opening. */
  reopen(): void {
    if (this.closed) return
    this.state = 'connecting'
    if (this.wire.isConnected()) this.connect()
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.clearRetry()
    this.wire.close(this.id, true)
    this.closedListener()
  }

  private clearRetry(): void {
    if (this.retry !== null) clearTimeout(this.retry)
    this.retry = null
  }

  private set(state: StreamState, failure: StreamFailure | null): void {
    this.state = state
    this.failure = failure
    this.onState()
  }
}

function failureOf(reply: unknown): StreamFailure | null {
  if (typeof reply !== 'object' || reply === null || !('error' in reply)) return null
  const error: unknown = reply.error
  if (typeof error !== 'object' || error === null) return null
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'INTERNAL'
  const message = 'message' in error && typeof error.message === 'string' ? error.message : code
  return { ...(error as Partial<StreamFailure>), code, message }
}
