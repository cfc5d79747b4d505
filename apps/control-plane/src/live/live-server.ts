import { type IncomingMessage, createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Actor, App } from '@flotilla/api'
import type { Actors } from '@flotilla/auth'
import { fail, liveEvents } from '@flotilla/protocol'
import { Server } from 'socket.io'
import { remoteAddress } from '../http/answers.ts'
import { LiveConnection } from './connection.ts'
import { FleetFeed } from './fleet-feed.ts'
import { Rounds } from '@flotilla/async'
import type { Shares } from '../shares.ts'
import { SendQueue } from './send-queue.ts'
import { tabShares } from './stream-shares.ts'

/** How often every connection's right is looked at again: streams end within two seconds of its withdrawal. */
const reconsiderMs = 1000
/** Messages that wait in a connection's own queue before fleet changes are left out. */
const mostQueued = 32

/** The live channel: socket.io over the WebSocket transport alone, with no compression and no polling. */
export class LiveServer {
  readonly #app: App
  readonly #actors: Actors
  /** Never listens: it only hands upgrades over, after this server's own checks. */
  readonly #inner = createServer()
  readonly #io: Server
  readonly #feed: FleetFeed
  readonly #rounds = new Rounds()
  readonly #admitted = new WeakMap<IncomingMessage, Actor>()
  readonly #tabs = tabShares()
  readonly #connections = new Map<string, { connection: LiveConnection; cookie: string }>()
  readonly #timer: NodeJS.Timeout

  constructor(app: App, actors: Actors, streams: Shares) {
    this.#app = app
    this.#actors = actors
    this.#feed = new FleetFeed(app)
    this.#io = new Server(this.#inner, {
      path: '/api/socket.io',
      transports: ['websocket'],
      serveClient: false,
      perMessageDeflate: false,
      httpCompression: false,
      maxHttpBufferSize: 256 * 1024,
      pingInterval: 10_000,
      pingTimeout: 10_000,
    })
    this.#io.on('connection', (socket) => {
      const actor = this.#admitted.get(socket.request)
      const cookie = socket.request.headers.cookie
      if (actor === undefined || cookie === undefined) {
        socket.disconnect(true)
        return
      }
      const queue = new SendQueue(socket)
      const connection = new LiveConnection({
        socket,
        queue,
        app,
        actor,
        remoteAddress: remoteAddress(socket.request),
        rounds: this.#rounds,
        streams,
      })
      this.#connections.set(socket.id, { connection, cookie })
      const unsubscribe = this.#feed.subscribe({
        get actor() {
          return connection.actor
        },
        ready: () => queue.length < mostQueued,
        send: (changes) => socket.emit(liveEvents.fleet, changes),
      })
      socket.on('disconnect', () => {
        unsubscribe()
        this.#connections.delete(socket.id)
      })
    })
    this.#timer = setInterval(() => void this.reconsider(), reconsiderMs)
  }

  /** After the Host and Origin checks: only somebody who is signed in by cookie comes in. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { cookie } = request.headers
    const actor = cookie === undefined ? null : await this.#actors.find({ cookie, authorization: undefined })
    if (actor === null) throw fail('access.signInFirst')
    socket.once('close', this.#tabs.take(actor.userId))
    this.#admitted.set(request, actor)
    this.#inner.emit('upgrade', request, socket, head)
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#feed.close()
    for (const { connection } of this.#connections.values()) connection.end()
    await this.#io.close()
  }

  /** Looks at every connection's right; also called where one was changed here, so that a sign-out is seen at once. */
  async reconsider(): Promise<void> {
    for (const { connection, cookie } of [...this.#connections.values()]) {
      try {
        connection.reconsider(await this.#actors.find({ cookie, authorization: undefined }))
      } catch (error) {
        this.#app.log.error({ err: error }, 'the rights of a connection could not be looked up; it is ended')
        connection.reconsider(null)
      }
    }
  }
}
