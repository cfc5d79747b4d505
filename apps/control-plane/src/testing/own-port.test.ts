import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { ownPort } from './own-port.ts'

test('a port that another process keeps or listens on is passed over', async () => {
  const first = await ownPort()
  const other = createSocket('udp4').bind({ port: first + 1, address: '127.0.0.1', exclusive: true })
  await once(other, 'listening')
  const server = createServer().listen(first + 2, '127.0.0.1')
  await once(server, 'listening')
  try {
    expect([first + 1, first + 2]).not.toContain(await ownPort())
  } finally {
    other.close()
    server.close()
  }
})
