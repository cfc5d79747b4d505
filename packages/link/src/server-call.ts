import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import { type FlotillaError, fail } from '@flotilla/protocol'
import { FrameReader, type JsonBudget } from './frame-reader.ts'
import { FrameWriter } from './frame-writer.ts'
import type { Limits } from './limits.ts'
import { toTrailers } from './trailers.ts'

/** The longest wait a timer takes. */
const maxTimer = 2 ** 31 - 1

/** One call as the serving side sees it: frames in, frames out, one outcome, one signal. */
export class ServerCall {
  readonly reader: FrameReader
  readonly writer: FrameWriter
  readonly #stream: ServerHttp2Stream
  readonly #controller = new AbortController()
  readonly #limits: Limits
  #finished = false
  #onFinish: (() => void) | undefined
  #deadline: NodeJS.Timeout | undefined
  #grace: NodeJS.Timeout | undefined
  #rejectAborted: (error: FlotillaError) => void = () => {}
  /** Rejects when the call is aborted; a run is raced against it, so that a deaf handler cannot hold the answer back. */
  readonly #aborted = new Promise<never>((_, reject) => {
    this.#rejectAborted = reject
  })

  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    limits: Limits,
    budget: JsonBudget,
    maxJson: number,
  ) {
    this.#stream = stream
    this.#limits = limits
    this.reader = new FrameReader(stream, limits, budget)
    this.writer = new FrameWriter(stream, maxJson)
    this.#aborted.catch(() => {}) // a call that nobody races any more may still be aborted
    stream.on('error', () => {}) // 'close' follows, and tells the same
    stream.on('close', () => {
      clearTimeout(this.#grace)
      this.abort(fail('link.callerGone'))
    })
    stream.respond({ ':status': 200 }, { waitForTrailers: true })
    this.setDeadline(Number(headers['timeout-ms'] ?? 0))
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get finished(): boolean {
    return this.#finished
  }

  /** Aborts with TIMEOUT after so many milliseconds; 0 and nonsense: never. */
  setDeadline(timeoutMs: number): void {
    clearTimeout(this.#deadline)
    if (!(timeoutMs > 0) || this.#finished) return
    this.#deadline = setTimeout(() => this.abort(fail('link.slow')), Math.min(timeoutMs, maxTimer))
  }

  /** Ends the call from outside: its signal, its waits, and the stream with this error. */
  abort(error: FlotillaError): void {
    if (this.#finished) return
    this.fail(error)
    if (!this.#stream.destroyed) this.#grace = setTimeout(() => this.#stream.close(), this.#limits.graceMs)
  }

  /** Ends the call with an error of its own; a slow reader has all the time to come to it. */
  fail(error: FlotillaError): void {
    if (this.#finished) return
    this.#controller.abort(error)
    this.#rejectAborted(error)
    this.reader.fail(error)
    this.finish(error)
  }

  /** Called once, when the call has its outcome; at once where it has one. */
  onFinish(then: () => void): void {
    if (this.#finished) then()
    else this.#onFinish = then
  }

  /** Waits for the run or for the abort, whichever is first. */
  race<T>(run: Promise<T>): Promise<T> {
    return Promise.race([run, this.#aborted])
  }

  /** Watches for the caller's half-close of a call that has no body: no longer interested. Never resets the stream. */
  abortOnEnd(): void {
    const cancelled = () => this.abort(fail('link.callerCancelled'))
    if (this.reader.ended) cancelled()
    else {
      this.#stream.once('end', cancelled)
      this.#drain()
    }
  }

  /** Ends the stream with its outcome in the trailers. The first outcome stays. */
  finish(outcome?: FlotillaError): void {
    if (this.#finished) return
    this.#finished = true
    clearTimeout(this.#deadline)
    this.#onFinish?.()
    const stream = this.#stream
    if (!stream.destroyed) {
      stream.once('wantTrailers', () => {
        if (!stream.destroyed) stream.sendTrailers(toTrailers(outcome))
      })
      this.writer.flush()
      stream.end()
      this.#drain()
    }
    this.writer.stop()
  }

  /** Lets the caller's rest go by; one who keeps sending after the end is cut off. */
  #drain(): void {
    let seen = 0
    const most = 2 * this.#limits.streamWindow + 1024 * 1024
    this.reader.drain((bytes) => {
      seen += bytes
      if (seen > most) this.#stream.close()
    })
  }
}
