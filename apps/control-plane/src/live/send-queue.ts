import { EventEmitter, once } from 'node:events'
import type { Socket } from 'socket.io'

/**
 * Messages that may wait before a stream waits too: fewer than those at which fleet changes are left out, and a terminal, which
 * somebody types into, goes ahead of what is only read.
 */
const mostOfStreams = 16
const mostOfTerminals = 24

/**
 * What a connection has been given and its peer has not taken yet. What the peer says that it has read is not to be believed:
 * the queue alone tells what is held in memory for it.
 */
export class SendQueue {
  readonly #conn: unknown
  readonly #drained = new EventEmitter().setMaxListeners(0)

  constructor({ conn }: Socket) {
    this.#conn = conn
    conn.on('drain', () => this.#drained.emit('drain'))
  }

  /** Messages that wait. */
  get length(): number {
    const buffer: unknown =
      typeof this.#conn === 'object' && this.#conn !== null ? Reflect.get(this.#conn, 'writeBuffer') : undefined
    return Array.isArray(buffer) ? buffer.length : 0
  }

  /** Settles when a stream may send; throws where its signal is aborted first. */
  async room(isTerminal: boolean, signal: AbortSignal): Promise<void> {
    const most = isTerminal ? mostOfTerminals : mostOfStreams
    while (this.length >= most) await once(this.#drained, 'drain', { signal })
  }
}
