import { setMaxListeners } from 'node:events'
import http2, { type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2'
import { type CallOptions, FlotillaError, type Incoming, fail, toFlotillaError } from '@flotilla/protocol'
import { FrameReader, type JsonBudget, type Piece } from './frame-reader.ts'
import { FrameWriter } from './frame-writer.ts'
import type { Limits } from './limits.ts'
import { fromTrailers, linkLost } from './trailers.ts'

/** What all calls of one link share. */
export interface Caller {
  readonly session: ClientHttp2Session
  readonly limits: Limits
  /** Largest JSON frame the other side takes. */
  readonly maxJson: number
  readonly budget: JsonBudget
  /** Sends a cancel by name; see `cancelPath`. */
  cancel(streamId: number): void
}

export interface ClientCallOptions extends CallOptions {
  /** The call sends more than its input. */
  hasBody?: boolean
  /** Its answers come as JSON text, for who only passes them on. */
  unparsed?: boolean
}

/** One call as the calling side sees it. Every way out goes through `settle` or `cancel`; both may come more than once. */
export class ClientCall {
  readonly #caller: Caller
  readonly #stream: ClientHttp2Stream
  readonly #reader: FrameReader
  readonly #writer: FrameWriter
  readonly #hasBody: boolean
  readonly #signal: AbortSignal | undefined
  #trailers: IncomingHttpHeaders | undefined
  #over = false
  #stopBody: (() => void) | undefined
  #deadline: NodeJS.Timeout | undefined
  #grace: NodeJS.Timeout | undefined

  constructor(caller: Caller, path: string, first: unknown, options: ClientCallOptions) {
    const { hasBody = false, unparsed = false } = options
    this.#caller = caller
    this.#hasBody = hasBody
    this.#signal = options.signal
    if (options.signal?.aborted === true) throw cancelled(options.signal)
    if (caller.session.destroyed || caller.session.closed) throw linkLost()
    const { timeoutMs = 0 } = options
    this.#stream = caller.session.request(
      { ':method': 'POST', ':path': path, ...(timeoutMs > 0 && { 'timeout-ms': Math.ceil(timeoutMs) }) },
      { endStream: false },
    )
    this.#reader = new FrameReader(this.#stream, caller.limits, caller.budget, unparsed)
    this.#writer = new FrameWriter(this.#stream, caller.maxJson)
    this.#stream.on('trailers', (trailers: IncomingHttpHeaders) => {
      this.#trailers = trailers
    })
    this.#stream.on('error', () => {}) // 'close' follows, and the reader tells
    this.#stream.on('close', () => {
      clearTimeout(this.#grace)
      this.#settle()
    })
    if (timeoutMs > 0) {
      this.#deadline = setTimeout(() => this.cancel(timedOut()), Math.min(timeoutMs, 2 ** 31 - 1))
    }
    if (this.#signal !== undefined) {
      setMaxListeners(0, this.#signal) // many calls may share one signal
      this.#signal.addEventListener('abort', this.#onAbort, { once: true })
    }
    try {
      void this.#writer.json(first)
    } catch (error) {
      this.cancel(cancelledError())
      throw error
    }
  }

  /** Called when the stream has gone on both sides. */
  onClose(then: () => void): void {
    this.#stream.once('close', then)
  }

  /** The next piece of the answer; undefined at a good end; throws the call's error at a bad one. */
  async next(): Promise<Piece | undefined> {
    let piece: Piece | undefined
    try {
      piece = await this.#reader.next()
    } catch (error) {
      const reported = this.#trailers === undefined ? undefined : fromTrailers(this.#trailers)
      this.cancel(cancelledError())
      throw reported ?? error
    }
    if (piece !== undefined) return piece
    await this.#end()
    const error = fromTrailers(this.#trailers)
    if (error !== undefined) throw error
    return undefined
  }

  /** Sends the body to its end, or until the call is over. A body that throws cancels the call with what it threw. */
  async send(body: Incoming<unknown>): Promise<void> {
    const iterator = body[Symbol.asyncIterator]()
    this.#stopBody = () => void iterator.return?.().then(undefined, () => {})
    try {
      for (;;) {
        const step = await iterator.next()
        if (this.#over || this.#stream.writableEnded) return
        if (step.done === true) break
        const wait = step.value instanceof Uint8Array ? this.#writer.bytes(step.value) : this.#writer.json(step.value)
        if (wait !== undefined) await wait
      }
      this.#writer.flush()
      this.#stream.end()
    } catch (thrown) {
      this.cancel(thrown instanceof Error ? thrown : toFlotillaError(thrown))
    }
  }

  /**
   * Ends the call from this side: waits throw `error`, the other side is told. Without a body the request is half-closed,
   * which costs no reset; with one it is cancelled by name. A reset comes only where the other side does not end in time.
   */
  cancel(error: Error): void {
    if (this.#over) return
    this.#settle()
    this.#reader.fail(error)
    const stream = this.#stream
    if (stream.destroyed) return
    this.#grace = setTimeout(() => stream.close(http2.constants.NGHTTP2_CANCEL), this.#caller.limits.graceMs)
    if (stream.pending || stream.id === undefined) stream.close(http2.constants.NGHTTP2_CANCEL)
    else if (this.#hasBody && this.#trailers === undefined) {
      this.#writer.stop()
      stream.once('trailers', () => stream.end())
      this.#caller.cancel(stream.id)
    } else {
      this.#writer.flush()
      stream.end()
    }
    this.#reader.drain()
  }

  /** The server has ended its side: end ours, and see that the trailers are in. */
  async #end(): Promise<void> {
    this.#settle()
    this.#writer.stop()
    const stream = this.#stream
    stream.end()
    if (this.#trailers !== undefined || stream.destroyed) return
    this.#grace = setTimeout(() => stream.close(http2.constants.NGHTTP2_CANCEL), this.#caller.limits.graceMs)
    await new Promise<void>((resolve) => {
      stream.once('trailers', () => resolve())
      stream.once('close', () => resolve())
    })
    clearTimeout(this.#grace)
  }

  #settle(): void {
    if (this.#over) return
    this.#over = true
    this.#stopBody?.()
    clearTimeout(this.#deadline)
    this.#signal?.removeEventListener('abort', this.#onAbort)
  }

  readonly #onAbort = () => {
    if (this.#signal !== undefined) this.cancel(cancelled(this.#signal))
  }
}

export function cancelledError(): FlotillaError {
  return fail('call.cancelled')
}

function cancelled(signal: AbortSignal): FlotillaError {
  return signal.reason instanceof FlotillaError ? signal.reason : cancelledError()
}

function timedOut(): FlotillaError {
  return fail('call.slowHost')
}
