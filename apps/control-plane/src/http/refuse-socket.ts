import type { Duplex } from 'node:stream'

/**
 * Sends a last answer over a connection and gives it up. The other side of a socket that is ended alone may stay for as long as
 * it likes: no limit of the HTTP server counts any more once a connection was upgraded or failed.
 */
export function refuseSocket(socket: Duplex, status: string, headers = ''): void {
  const text = `HTTP/1.1 ${status}\r\n${headers}Connection: close\r\nContent-Length: 0\r\n\r\n`
  socket.end(text, () => socket.destroy())
}
