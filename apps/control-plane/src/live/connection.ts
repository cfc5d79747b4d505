import { type Actor, type ActorContext, type App, type Context, requireAccess, withoutObjects } from '@flotilla/api'
import {
  type FlotillaError,
  StreamAck,
  StreamClose,
  StreamInput,
  StreamOpen,
  fail,
  liveEvents,
  streamCreditBytes,
  toFlotillaError,
} from '@flotilla/protocol'
import type { Socket } from 'socket.io'
import { Credit } from './credit.ts'
import { type OpenedStream, openStream, streamAccess } from './open-stream.ts'
import type { Rounds } from '@flotilla/async'
import type { Shares } from '../shares.ts'
import type { SendQueue } from './send-queue.ts'

/** Streams of one connection at once; a page of logs of several containers needs some tens. */
const mostStreams = 128
const inputBytes = 64 * 1024

interface Stream {
  readonly kind: StreamOpen['kind']
  readonly abort: AbortController
  readonly credit: Credit
  opened: OpenedStream | null
  /** Gives back what it takes of the person's share. */
  readonly release: () => void
}

export interface LiveConnectionOptions {
  socket: Socket
  queue: SendQueue
  app: App
  actor: Actor
  remoteAddress: string
  /** Those of all connections. */
  rounds: Rounds
  /** What each person may have of streams. */
  streams: Shares
}

/** One tab's connection: its streams, each with its own credit and right. */
export class LiveConnection {
  readonly #socket: Socket
  readonly #queue: SendQueue
  readonly #app: App
  readonly #remoteAddress: string
  readonly #streams = new Map<number, Stream>()
  readonly #rounds: Rounds
  readonly #shares: Shares
  #actor: Actor

  constructor({ socket, queue, app, actor, remoteAddress, rounds, streams }: LiveConnectionOptions) {
    this.#rounds = rounds
    this.#shares = streams
    this.#socket = socket
    this.#queue = queue
    this.#app = app
    this.#actor = actor
    this.#remoteAddress = remoteAddress
    socket.on(liveEvents.streamOpen, (raw: unknown, answer: unknown) => void this.#open(raw, answer))
    socket.on(liveEvents.streamAck, (raw: unknown) => this.#ack(raw))
    socket.on(liveEvents.streamInput, (raw: unknown, answer: unknown) => void this.#input(raw, answer))
    socket.on(liveEvents.streamClose, (raw: unknown) => this.#close(raw))
    socket.on('disconnect', () => this.end())
  }

  get actor(): Actor {
    return this.#actor
  }

  /** Asked every second: nobody behind the cookie ends the connection, a lost right the streams that need it. */
  reconsider(actor: Actor | null): void {
    if (actor === null || actor.userId !== this.#actor.userId || actor.organisationId !== this.#actor.organisationId) {
      for (const [id, stream] of [...this.#streams]) this.#finish(id, stream, fail('access.signedOut'))
      this.#socket.disconnect(true)
      return
    }
    this.#actor = actor
    for (const [id, stream] of [...this.#streams]) {
      const refusal = this.#refusalOf(stream)
      if (refusal !== null) this.#finish(id, stream, refusal)
    }
  }

  /** Why this stream would not be opened now. */
  #refusalOf({ kind, opened }: Stream): FlotillaError | null {
    try {
      requireAccess(this.#app.policy, this.#actor, streamAccess[kind])
      opened?.recheck(this.#context())
      return null
    } catch (error) {
      return toFlotillaError(error)
    }
  }

  end(): void {
    for (const stream of this.#streams.values()) this.#drop(stream)
    this.#streams.clear()
  }

  async #open(raw: unknown, answer: unknown): Promise<void> {
    const parsed = StreamOpen.safeParse(raw)
    if (!parsed.success) {
      reply(answer, fail('live.badOpening'))
      return
    }
    const open = parsed.data
    if (this.#streams.has(open.stream)) {
      reply(answer, fail('live.streamTaken'))
      return
    }
    if (this.#streams.size >= mostStreams) {
      reply(answer, fail('live.manyStreams', { most: mostStreams }))
      return
    }
    let release: () => void
    try {
      release = this.#shares.take(this.#actor.userId)
    } catch (error) {
      reply(answer, error)
      return
    }
    const stream: Stream = {
      release,
      kind: open.kind,
      abort: new AbortController(),
      credit: new Credit(streamCreditBytes),
      opened: null,
    }
    this.#streams.set(open.stream, stream)
    try {
      stream.opened = await openStream(this.#context(), open, stream.abort.signal)
    } catch (error) {
      if (this.#streams.get(open.stream) === stream) this.#streams.delete(open.stream)
      this.#drop(stream)
      reply(answer, error)
      return
    }
    reply(answer, null)
    await this.#pump(open.stream, stream, stream.opened)
  }

  /** Reads the host only while the browser has credit left and takes what it is sent, and one piece at a time. */
  async #pump(id: number, stream: Stream, { pieces }: OpenedStream): Promise<void> {
    const { abort, credit } = stream
    try {
      await credit.some(abort.signal)
      for await (const piece of pieces) {
        if (abort.signal.aborted) break
        await this.#queue.room(stream.kind === 'terminal', abort.signal)
        credit.spend(piece.length)
        this.#socket.emit(liveEvents.streamData, id, piece)
        await credit.some(abort.signal)
        if (stream.kind !== 'terminal') await this.#rounds.next()
      }
      this.#finish(id, stream, null)
    } catch (error) {
      this.#finish(id, stream, toFlotillaError(error))
    }
  }

  #finish(id: number, stream: Stream, error: FlotillaError | null): void {
    if (this.#streams.get(id) !== stream) return // the browser closed it, or the connection went
    this.#streams.delete(id)
    this.#drop(stream)
    if (error?.code === 'INTERNAL') this.#app.log.error({ err: error, kind: stream.kind }, 'a stream failed')
    const reported = error === null ? {} : { error: withoutObjects(error.reported()) }
    this.#socket.emit(liveEvents.streamEnd, { stream: id, ...reported })
  }

  #drop(stream: Stream): void {
    stream.release()
    stream.abort.abort()
    stream.opened?.input?.end()
  }

  #ack(raw: unknown): void {
    const ack = StreamAck.safeParse(raw)
    if (ack.success) this.#streams.get(ack.data.stream)?.credit.give(ack.data.bytes)
  }

  /** Acknowledges the input when it is on its way to the host. */
  async #input(raw: unknown, answer: unknown): Promise<void> {
    const parsed = StreamInput.safeParse(raw)
    const stream = parsed.success ? this.#streams.get(parsed.data.stream) : undefined
    const queue = stream?.opened?.input
    if (!parsed.success || stream === undefined || queue === null || queue === undefined) {
      reply(answer, fail('live.noTerminal'))
      return
    }
    try {
      const refusal = this.#refusalOf(stream)
      if (refusal !== null) throw refusal
      const { data, message } = parsed.data
      if (data !== undefined && data.length > inputBytes) {
        throw fail('live.inputTooLarge', { bytes: inputBytes })
      }
      const pushed = [
        ...(data !== undefined && data.length > 0 ? [queue.push(data)] : []),
        ...(message === undefined ? [] : [queue.push(message)]),
      ]
      await Promise.all(pushed)
      reply(answer, null)
    } catch (thrown) {
      const error = toFlotillaError(thrown)
      reply(answer, error)
      // Where the stream is over already, its own end says why.
      if (error.code !== 'CANCELLED') this.#finish(parsed.data.stream, stream, error)
    }
  }

  #close(raw: unknown): void {
    const parsed = StreamClose.safeParse(raw)
    const stream = parsed.success ? this.#streams.get(parsed.data.stream) : undefined
    if (!parsed.success || stream === undefined) return
    this.#streams.delete(parsed.data.stream)
    this.#drop(stream)
  }

  #context(): ActorContext {
    const context: Context = { app: this.#app, actor: this.#actor, remoteAddress: this.#remoteAddress }
    return { ...context, actor: this.#actor }
  }
}

/** Acknowledges, where the browser asked for it: nothing, or `{error}`. */
function reply(answer: unknown, thrown: unknown): void {
  if (!isCallback(answer)) return
  const error = thrown === null ? null : toFlotillaError(thrown)
  answer(error === null ? {} : { error: withoutObjects(error.reported()) })
}

function isCallback(value: unknown): value is (answer: unknown) => void {
  return typeof value === 'function'
}
