import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

// Below the ports that the kernel gives away by itself.
const lowest = 21_000
const count = 11_000
let last = (process.pid * 100) % count

/**
 * A TCP port of loopback that nobody listens on and that no other process of the tests is given while this one lives: the
 * process keeps the UDP port of the same number, which the kernel gives to one alone.
 */
export async function ownPort(): Promise<number> {
  for (let tried = 0; tried < count; tried += 1) {
    last = (last + 1) % count
    const port = lowest + last
    if ((await keepDatagrams(port)) && (await isFree(port))) return port
  }
  throw new Error(`Every port from ${lowest} to ${lowest + count - 1} is taken`)
}

async function keepDatagrams(port: number): Promise<boolean> {
  const socket = createSocket('udp4')
  socket.unref()
  socket.bind({ port, address: '127.0.0.1', exclusive: true })
  return once(socket, 'listening').then(
    () => true,
    () => {
      socket.close()
      return false
    },
  )
}

function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
