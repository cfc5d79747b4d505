import http2, { type ClientHttp2Session } from 'node:http2'
import type { Duplex } from 'node:stream'
import {
  type Client,
  type FlotillaError,
  type Method,
  type MethodTable,
  type Passage,
  fail,
  toFlotillaError,
} from '@flotilla/protocol'
import { type Caller, ClientCall, type ClientCallOptions } from './client-call.ts'
import { callMethod, passStream } from './client-methods.ts'
import { eager, type EagerDuplex } from './eager.ts'
import { cancelPath, checkVersions, Hello, type HelloInput, helloPath } from './hello.ts'
import { defaultLimits, eagerBound, type Limits, sessionOptions } from './limits.ts'
import { tooManyStreams } from './serve.ts'
import { type Guard, guardSession } from './session.ts'

export interface ConnectOptions {
  hello: HelloInput
  limits?: Partial<Limits>
  /** Gives the first exchange up; the link itself is ended by `close`. */
  signal?: AbortSignal
}

/** The calling end of a link. */
export interface Link {
  /** The table as functions. Streams, downloads and duplexes begin when they are first read. */
  client<T extends MethodTable>(service: string, methods: T): Client<T>
  /** The streams of the table for who passes them on unread; whoever reads them in the end has to check them. */
  passage<T extends MethodTable>(service: string, methods: T): Passage<T>
  /** What the host's agent said of itself. */
  readonly peer: Hello
  /** When the other side was last heard of, in milliseconds since 1970. */
  readonly heardAt: number
  /** Settles with the reason when the link has ended; it never rejects. */
  readonly closed: Promise<FlotillaError>
  /** Ends the link; open calls answer UNAVAILABLE. */
  close(): void
}

/**
 * Opens a link over the duplex, which it owns from here on, whatever the outcome. Throws UNSUPPORTED where the protocol
 * versions do not meet, TIMEOUT or UNAVAILABLE where the other side does not answer, CANCELLED.
 */
export async function connect(duplex: Duplex, options: ConnectOptions): Promise<Link> {
  const connection = new Connection(duplex, options)
  try {
    await connection.meet(options.signal)
  } catch (thrown) {
    const error = toFlotillaError(thrown)
    connection.end(error)
    throw error
  }
  return connection
}

class Connection implements Link {
  readonly closed: Promise<FlotillaError>
  readonly #limits: Limits
  readonly #hello: Hello
  readonly #session: ClientHttp2Session
  readonly #wire: EagerDuplex
  readonly #guard: Guard
  readonly #budget = { held: 0 }
  #peer: Hello | undefined
  #longStreams = 0

  constructor(duplex: Duplex, options: ConnectOptions) {
    this.#limits = { ...defaultLimits, ...options.limits }
    const { longStreams, jsonBytes } = this.#limits
    this.#hello = Hello.parse({ ...options.hello, limits: { longStreams, jsonBytes } })
    const wire = eager(duplex, eagerBound(this.#limits))
    this.#wire = wire
    this.#session = http2.connect('http://agent', { ...sessionOptions(this.#limits), createConnection: () => wire })
    this.#guard = guardSession(this.#session, wire, this.#limits)
    this.closed = this.#guard.closed
    this.#session.on('connect', () => this.#session.setLocalWindowSize(this.#limits.sessionWindow))
  }

  get heardAt(): number {
    return this.#wire.heardAt
  }

  get peer(): Hello {
    if (this.#peer === undefined) throw fail('link.early')
    return this.#peer
  }

  /** The first exchange: our hello, then theirs, checked by both. */
  async meet(signal: AbortSignal | undefined): Promise<void> {
    const call = new ClientCall(this.#caller(), helloPath, this.#hello, { signal, timeoutMs: this.#limits.openingMs })
    const piece = await call.next()
    const theirs = Hello.parse(piece !== undefined && 'json' in piece ? piece.json : undefined)
    checkVersions(this.#hello, 'control plane', theirs)
    await call.next()
    this.#peer = theirs
  }

  client<T extends MethodTable>(service: string, methods: T): Client<T> {
    return functionsOf(methods, (name, method) =>
      callMethod(method, (first, options) => this.#open(`/${service}/${name}`, method, first, options), this.#limits),
    ) as Client<T>
  }

  passage<T extends MethodTable>(service: string, methods: T): Passage<T> {
    return functionsOf(methods, (name, method) =>
      method.kind !== 'stream'
        ? undefined
        : passStream((first, options) =>
            this.#open(`/${service}/${name}`, method, first, { ...options, unparsed: true }),
          ),
    ) as Passage<T>
  }

  close(): void {
    this.end(fail('link.closedHere'))
  }

  end(reason: FlotillaError): void {
    this.#guard.end(reason)
  }

  #open(path: string, method: Method, first: unknown, options: ClientCallOptions): ClientCall {
    if (method.kind === 'unary') return new ClientCall(this.#caller(), path, first, options)
    const most = Math.min(this.#limits.longStreams, this.peer.limits.longStreams)
    if (this.#longStreams >= most) throw tooManyStreams(most)
    const hasBody = method.kind === 'upload' || method.kind === 'duplex'
    const call = new ClientCall(this.#caller(), path, first, { ...options, hasBody })
    this.#longStreams++
    call.onClose(() => this.#longStreams--)
    return call
  }

  #caller(): Caller {
    return {
      session: this.#session,
      limits: this.#limits,
      maxJson: Math.min(this.#limits.jsonBytes, this.#peer?.limits.jsonBytes ?? this.#limits.jsonBytes),
      budget: this.#budget,
      cancel: (streamId) => {
        if (!this.#session.destroyed && !this.#session.closed) void this.#sendCancel(streamId)
      },
    }
  }

  /** Best effort: where it does not arrive, the call's own grace resets the stream. */
  async #sendCancel(streamId: number): Promise<void> {
    try {
      const timeoutMs = this.#limits.graceMs
      await new ClientCall(this.#caller(), cancelPath, streamId, { timeoutMs }).next()
    } catch (thrown) {
      toFlotillaError(thrown) // the link ended meanwhile, and every call of it with it
    }
  }
}

/** A function for each method of a table, by its name on the wire; none where `make` gives none. */
function functionsOf(methods: MethodTable, make: (name: string, method: Method) => unknown): object {
  return Object.fromEntries(
    Object.entries(methods).map(([noun, verbs]) => [
      noun,
      Object.fromEntries(Object.entries(verbs).map(([verb, method]) => [verb, make(`${noun}.${verb}`, method)])),
    ]),
  )
}
