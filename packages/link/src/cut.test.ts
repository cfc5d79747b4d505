import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { stream, unary } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import { connect, createIdentity, secure, serve, service, webSocketDuplex, webSocketOptions } from './index.ts'

const text = z.object({ text: z.string() })
const methods = {
  talk: {
    echo: unary(text, text, { permission: 'hosts.read' }),
    tick: stream(z.object({}), z.string(), { permission: 'hosts.read' }),
  },
}
const talk = service(methods, {
  talk: {
    echo: async (input) => input,
    tick: async function* (_input, call) {
      for (; !call.signal.aborted; await new Promise((resolve) => setImmediate(resolve))) yield 'x'.repeat(3000)
    },
  },
})

// Node's own assertions go past every catch to the process: a link that is cut amid writes must not wake one. Such an
// exception belongs to no test, and fails the run.
test('links that are cut again and again amid calls and streams end with a reason and nothing else', async () => {
  const [ours, theirs] = [await createIdentity('control plane'), await createIdentity('agent')]
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', ...webSocketOptions })
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  let carrier: Socket | undefined
  server.on('connection', (socket, request) => {
    carrier = request.socket
    secure(webSocketDuplex(socket), { side: 'server', identity: theirs, trust: () => true }).then(
      (duplex) => serve(duplex, { find: () => talk, hello: { version: 'test' } }),
      () => socket.terminate(),
    )
  })
  for (let round = 0; round < 80; round += 1) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, webSocketOptions)
    await once(socket, 'open')
    const duplex = await secure(webSocketDuplex(socket), { side: 'client', identity: ours, trust: () => true })
    const link = await connect(duplex, { hello: { version: 'test' } })
    const client = link.client('talk', methods)
    const abort = new AbortController()
    const calls = [1, 2, 3].map(async () => {
      for (;;) await client.talk.echo({ text: 'y'.repeat(2000) })
    })
    const streams = [1, 2, 3].map(async () => {
      for await (const _item of client.talk.tick({}, { signal: abort.signal })) if (abort.signal.aborted) return
    })
    const ends = Promise.allSettled([...calls, ...streams])
    await sleep(5 + (round % 7) * 3)
    if (round % 4 === 0) carrier?.destroy()
    else if (round % 4 === 1) carrier?.resetAndDestroy()
    else if (round % 4 === 2) socket.terminate()
    else link.close()
    if (round % 3 === 0) abort.abort()
    expect(['UNAVAILABLE', 'CANCELLED']).toContain((await link.closed).code)
    abort.abort()
    expect((await ends).slice(0, 3).every(({ status }) => status === 'rejected')).toBe(true)
  }
  for (const client of server.clients) client.terminate()
  await new Promise((resolve) => server.close(resolve))
}, 60_000)
