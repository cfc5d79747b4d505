import { Duplex } from 'node:stream'
import { type FlotillaError, fail } from '@flotilla/protocol'
import type { RawData, WebSocket } from 'ws'

type Done = (error?: Error | null) => void

/** What both ends give to ws: compression would keep a buffer per socket, and one message is one write of the link. */
export const webSocketOptions = { perMessageDeflate: false, maxPayload: 4 * 1024 * 1024 } as const

/** Most bytes joined into one message. */
const messageBytes = 64 * 1024

/**
 * An open WebSocket as a duplex of bytes. A write is done when the socket has taken it, and an unread message pauses the
 * socket, so nothing piles up on either side. A text message ends it: a link speaks binary.
 */
export function webSocketDuplex(socket: WebSocket): Duplex {
  return new WebSocketDuplex(socket)
}

class WebSocketDuplex extends Duplex {
  readonly #socket: WebSocket

  constructor(socket: WebSocket) {
    super({ allowHalfOpen: false, readableHighWaterMark: messageBytes })
    this.#socket = socket
    socket.on('message', (data: RawData, binary: boolean) => {
      if (!binary) {
        this.destroy(fail('link.sentText'))
      } else if (!this.push(toBuffer(data))) socket.pause()
    })
    socket.on('error', (error) => this.destroy(error))
    socket.on('close', () => {
      if (this.readableEnded) this.destroy()
      else this.push(null) // what came before the close is still read
    })
    if (socket.readyState !== socket.OPEN) {
      this.destroy(fail('link.socketNotOpen'))
    }
  }

  override _read(): void {
    if (this.#socket.isPaused) this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    if (this.#socket.readyState !== this.#socket.OPEN) done(closedError())
    else this.#socket.send(chunk, { binary: true }, (error) => done(error ?? null))
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    const [first, ...rest] = joined(chunks.map(({ chunk }) => chunk))
    if (first === undefined) return done()
    this._write(first, 'utf8', (error) => {
      if (error || rest.length === 0) done(error)
      else
        this._writev(
          rest.map((chunk) => ({ chunk })),
          done,
        )
    })
  }

  override _final(done: Done): void {
    this.#socket.close()
    done()
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#socket.terminate()
    done(error)
  }
}

/** Small chunks side by side in one message; a chunk that is large by itself stays as it is. */
function joined(chunks: Buffer[]): Buffer[] {
  const messages: Buffer[] = []
  let group: Buffer[] = []
  let size = 0
  const close = () => {
    const [only] = group
    if (only !== undefined) messages.push(group.length === 1 ? only : Buffer.concat(group, size))
    group = []
    size = 0
  }
  for (const chunk of chunks) {
    if (size > 0 && size + chunk.length > messageBytes) close()
    group.push(chunk)
    size += chunk.length
  }
  close()
  return messages
}

function toBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
}

function closedError(): FlotillaError {
  return fail('link.socketClosed')
}
