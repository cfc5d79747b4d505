import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Requests that may wait on one connection behind the one that is answered. Browsers and programs send none ahead, and what the
 * kernel takes of the answers before their reader does is memory too.
 */
const mostAhead = 1

const lines = new WeakMap<Socket, (() => void)[]>()

/**
 * Begins with a request when the one before it on its connection has been answered and the answer was taken: what somebody
 * sends ahead and never reads makes no work. Who sends more ahead loses the connection.
 */
export function oneAtATime({ socket }: IncomingMessage, response: ServerResponse, begin: () => void): void {
  if (socket.destroyed) return
  const line = lines.get(socket) ?? []
  lines.set(socket, line)
  if (line.length > mostAhead) {
    line.length = 0
    socket.destroy()
    return
  }
  response.once('close', () => {
    // Not before everybody else has heard that the answer has ended.
    setImmediate(() => {
      line.shift()
      if (!socket.destroyed) line[0]?.()
    })
  })
  line.push(begin)
  if (line.length === 1) begin()
}
