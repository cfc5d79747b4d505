import http2, { type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'
import { type FlotillaError, fail, toFlotillaError } from '@flotilla/protocol'
import { findTarget, type Room, runTarget } from './dispatch.ts'
import { eager } from './eager.ts'
import type { JsonBudget } from './frame-reader.ts'
import { cancelPath, checkVersions, Hello, type HelloInput, helloPath } from './hello.ts'
import { defaultLimits, eagerBound, type Limits, sessionOptions } from './limits.ts'
import { ServerCall } from './server-call.ts'
import type { Service } from './service.ts'
import { type Guard, guardSession } from './session.ts'

export interface ServeOptions {
  /** The service of a name on the wire: `agent`, or an engine's id. */
  find(name: string): Service | undefined
  hello: HelloInput
  limits?: Partial<Limits>
  /** Told of calls that failed, for the log: the trailers carry the message only, never the detail. */
  onFailure?: (path: string, error: FlotillaError) => void
}

/** The serving end of a link. */
export interface LinkSession {
  /** What the caller's side said of itself; undefined before the first exchange. */
  readonly peer: Hello | undefined
  /** Settles with the reason when the link has ended; it never rejects. */
  readonly closed: Promise<FlotillaError>
  /** Ends the link; running calls see their signal abort. */
  close(): void
}

/** Answers calls that come over the duplex, whoever dialled. The session owns the duplex from here on. */
export function serve(duplex: Duplex, options: ServeOptions): LinkSession {
  return new Server(duplex, options)
}

class Server implements LinkSession {
  peer: Hello | undefined
  readonly closed: Promise<FlotillaError>
  readonly #options: ServeOptions
  readonly #limits: Limits
  readonly #hello: Hello
  readonly #guard: Guard
  readonly #opening: NodeJS.Timeout
  readonly #budget: JsonBudget = { held: 0 }
  readonly #calls = new Map<number, ServerCall>()
  readonly #room: Room
  #longStreams = 0

  constructor(duplex: Duplex, options: ServeOptions) {
    this.#options = options
    this.#limits = { ...defaultLimits, ...options.limits }
    const { longStreams, jsonBytes } = this.#limits
    this.#hello = Hello.parse({ ...options.hello, limits: { longStreams, jsonBytes } })
    const wire = eager(duplex, eagerBound(this.#limits))
    this.#room = () => wire.belowBacklog(this.#limits.bulkBacklog)
    const session = http2.performServerHandshake(wire, sessionOptions(this.#limits))
    session.setLocalWindowSize(this.#limits.sessionWindow)
    this.#guard = guardSession(session, wire, this.#limits)
    this.closed = this.#guard.closed
    session.on('stream', (stream, headers) => void this.#answer(stream, headers))
    this.#opening = setTimeout(() => this.#guard.end(fail('link.saidNothing')), this.#limits.openingMs)
    void this.closed.then(() => clearTimeout(this.#opening))
  }

  close(): void {
    this.#guard.end(fail('link.closedHere'))
  }

  /** Runs one call; whatever happens in it, its outcome goes into the trailers and nothing is thrown. */
  async #answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    stream.on('error', () => {}) // of one that is destroyed already as well: nobody else would hear it, and the process ends
    if (stream.destroyed) return
    const path = headers[':path'] ?? ''
    const maxJson = Math.min(this.#limits.jsonBytes, this.peer?.limits.jsonBytes ?? this.#limits.jsonBytes)
    const call = new ServerCall(stream, headers, this.#limits, this.#budget, maxJson)
    const id = stream.id ?? 0
    this.#calls.set(id, call)
    stream.once('close', () => this.#calls.delete(id))
    try {
      await call.race(this.#run(call, path))
      call.finish()
    } catch (thrown) {
      const error = toFlotillaError(thrown)
      call.fail(error)
      this.#options.onFailure?.(path, error)
    }
  }

  async #run(call: ServerCall, path: string): Promise<void> {
    if (path === helloPath) return this.#meet(call)
    if (this.peer === undefined) throw fail('link.noHello')
    if (path === cancelPath) return this.#cancel(call)
    const target = findTarget(path, this.#options.find)
    if (target.method.kind === 'unary') return runTarget(call, target, this.#room)
    if (this.#longStreams >= this.#limits.longStreams) throw tooManyStreams(this.#limits.longStreams)
    this.#longStreams++
    call.onFinish(() => this.#longStreams--)
    return runTarget(call, target, this.#room)
  }

  /** The first exchange: each says who it is. Our hello goes out even where theirs does not suit us. */
  async #meet(call: ServerCall): Promise<void> {
    const piece = await call.reader.next()
    const theirs = Hello.parse(piece !== undefined && 'json' in piece ? piece.json : undefined)
    void call.writer.json(this.#hello)
    checkVersions(this.#hello, 'agent', theirs)
    clearTimeout(this.#opening)
    this.peer = theirs
  }

  /** A call that has a body cannot be cancelled by half-closing it, and resets are rationed: so it is cancelled by name. */
  async #cancel(call: ServerCall): Promise<void> {
    const piece = await call.reader.next()
    const id = piece !== undefined && 'json' in piece ? piece.json : undefined
    if (typeof id !== 'number') throw fail('link.namelessCancel')
    this.#calls.get(id)?.abort(fail('link.callerCancelled'))
  }
}

export function tooManyStreams(limit: number): FlotillaError {
  return fail('link.manyStreams', { limit })
}
