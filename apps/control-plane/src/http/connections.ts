import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { isIPv6, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'

const checkMs = 500

export interface ConnectionLimits {
  /** Connections at once that were not upgraded. */
  total: number
  /** The same of one address. */
  perAddress: number
  /** Bytes of answers that wait for all of them together. */
  unsentBytes: number
  /** How long somebody unknown may take nothing of an answer, in milliseconds. */
  stalledMs: number
}

const defaults: ConnectionLimits = { total: 2048, perAddress: 256, unsentBytes: 64 * 1024 * 1024, stalledMs: 30_000 }

interface Connection {
  readonly owner: Connections
  /** What it shares with others of its address; null for those that are let be. */
  readonly share: string | null
  socket: Socket
  /** Bytes that it has taken of its answers, and when it last took any or none waited. */
  received: number
  receivedAt: number
}

const known = new WeakMap<Socket, Connection>()

/**
 * Bounds what whoever can reach the port may hold of it. Where there is no room for another connection the oldest one goes on
 * which no request of somebody known is under way: whoever asks something is answered, however many connections say nothing.
 * Upgraded ones are no longer counted; whoever takes them bounds them.
 */
export class Connections {
  readonly #limits: ConnectionLimits
  readonly #isApart: (address: string) => boolean
  readonly #all = new Map<string, Connection>()
  readonly #perShare = new Map<string, number>()
  /** Those that may go, by when they came or last asked something. */
  readonly #strangers = new Set<Connection>()

  /** `isApart`: from which addresses connections come that have nothing to do with each other. */
  constructor(isApart: (address: string) => boolean, limits: Partial<ConnectionLimits> = {}) {
    this.#isApart = isApart
    this.#limits = { ...defaults, ...limits }
  }

  watch(server: Server): void {
    server.on('connection', (socket: Socket) => this.#take(socket))
    // The same one, once it is encrypted: its bytes are counted there.
    server.on('secureConnection', (socket: Socket) => {
      const connection = this.#all.get(nameOf(socket))
      if (connection === undefined) return void socket.destroy()
      connection.socket = socket
      known.set(socket, connection)
    })
    const timer = setInterval(() => this.#check(), checkMs).unref()
    server.once('close', () => clearInterval(timer))
  }

  get size(): number {
    return this.#all.size
  }

  /** Something was asked, by whom is not known yet. */
  asked(connection: Connection): void {
    if (this.#strangers.delete(connection)) this.#strangers.add(connection)
  }

  /** Until the answer has ended it stays, whatever comes. */
  keep(connection: Connection, response: ServerResponse): void {
    if (!this.#strangers.delete(connection)) return
    response.once('close', () => {
      if (!connection.socket.destroyed) this.#strangers.add(connection)
    })
  }

  leave(connection: Connection): void {
    this.#strangers.delete(connection)
    if (!this.#all.delete(nameOf(connection.socket))) return
    this.#count(connection.share, -1)
  }

  #take(socket: Socket): void {
    const address = plainAddress(socket.remoteAddress)
    const share = this.#isApart(address) ? null : shareOf(address)
    const { total, perAddress } = this.#limits
    const isFull = share !== null && (this.#perShare.get(share) ?? 0) >= perAddress
    if ((isFull && !this.#dropOldest(share)) || (this.#all.size >= total && !this.#dropOldest())) {
      socket.destroy()
      return
    }
    const connection: Connection = { owner: this, share, socket, received: 0, receivedAt: performance.now() }
    const name = nameOf(socket)
    this.#all.set(name, connection)
    this.#count(share, 1)
    this.#strangers.add(connection)
    known.set(socket, connection)
    socket.once('close', () => {
      this.#strangers.delete(connection)
      if (this.#all.get(name) !== connection) return
      this.#all.delete(name)
      this.#count(share, -1)
    })
  }

  #dropOldest(share?: string): boolean {
    for (const connection of this.#strangers) {
      if (share !== undefined && connection.share !== share) continue
      this.#drop(connection)
      return true
    }
    return false
  }

  #drop(connection: Connection): void {
    this.leave(connection)
    connection.socket.destroy()
  }

  #count(share: string | null, by: number): void {
    if (share === null) return
    const count = (this.#perShare.get(share) ?? 0) + by
    if (count > 0) this.#perShare.set(share, count)
    else this.#perShare.delete(share)
  }

  /** Ends those that take nothing of what they asked for. */
  #check(): void {
    const now = performance.now()
    const { unsentBytes, stalledMs } = this.#limits
    const waiting: Connection[] = []
    let unsent = 0
    for (const connection of this.#all.values()) {
      const { socket } = connection
      const received = socket.bytesWritten - socket.writableLength
      if (received !== connection.received || socket.writableLength === 0) {
        connection.received = received
        connection.receivedAt = now
      }
      if (now - connection.receivedAt > stalledMs && this.#strangers.has(connection)) this.#drop(connection)
      else if (socket.writableLength > 0) {
        waiting.push(connection)
        unsent += socket.writableLength
      }
    }
    for (const connection of waiting.sort((a, b) => a.receivedAt - b.receivedAt)) {
      if (unsent <= unsentBytes) return
      unsent -= connection.socket.writableLength
      this.#drop(connection)
    }
  }
}

/** A request came in, from whomever. */
export function requestCame({ socket }: IncomingMessage): void {
  const connection = known.get(socket)
  connection?.owner.asked(connection)
}

/** Whoever sent the request is known: its connection makes room for nobody until it is answered. */
export function callerIsKnown({ socket }: IncomingMessage, response: ServerResponse): void {
  const connection = known.get(socket)
  connection?.owner.keep(connection, response)
}

/** The connection speaks another protocol from now on, and who took it bounds it. */
export function wasUpgraded({ socket }: IncomingMessage): void {
  const connection = known.get(socket)
  connection?.owner.leave(connection)
}

/** An address as people write it. */
export function plainAddress(address = ''): string {
  return address.replace(/^::ffff:/, '')
}

export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || address.startsWith('127.')
}

/** What one customer of a network has: an address, or the 64 bits before those that they choose themselves. */
export function shareOf(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail = ''] = address.split('::')
  const before = head.split(':').filter((group) => group !== '')
  const after = tail.split(':').filter((group) => group !== '')
  const zeros = address.includes('::') ? Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0') : []
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`
}

function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
