import { type Socket, io } from 'socket.io-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { testPassword, until } from '../testing/open-control-plane.ts'
import { type WithAgent, openWithAgent } from '../testing/with-agent.ts'

let all: WithAgent
let container = ''
const sockets: Socket[] = []
const raw: WebSocket[] = []

beforeAll(async () => {
  all = await openWithAgent({ containers: 1 })
  const owner = (await all.plane.person('owner')).key
  ;[container = ''] = all.host().rows('container').keys()
  await all.plane.rest(owner, 'POST', `/containers/${container}/start`)
}, 60_000)

afterAll(async () => {
  for (const socket of sockets) socket.disconnect()
  for (const socket of raw) socket.terminate()
  await all.dispose()
})

async function cookieOf(name: string): Promise<string> {
  return (await all.plane.signIn(`${name}@example.org`, testPassword)).cookie
}

async function tab(cookie: string) {
  const extraHeaders = { cookie, origin: all.plane.url }
  const options = {
    path: '/api/socket.io',
    transports: ['websocket'],
    extraHeaders,
    reconnection: false,
    forceNew: true,
  }
  const socket = io(all.plane.url, options)
  sockets.push(socket)
  await new Promise<void>((resolve) => socket.once('fleet', () => resolve()))
  return async (stream: number) => {
    const open = { kind: 'stats', stream, input: { id: container, intervalMs: 60_000 } }
    const { error } = (await socket.timeout(20_000).emitWithAck('stream.open', open)) as { error?: { kind: string } }
    return error?.kind ?? 'open'
  }
}

const ask = (key: string) =>
  fetch(`${all.plane.url}/api/v1/containers/${container}/stats?intervalMs=60000`, {
    headers: { authorization: `Bearer ${key}` },
  })

test('a person who opens all the streams that they can leaves the others theirs', async () => {
  const greedy = await all.plane.person('viewer', 'greedy')
  const other = await all.plane.person('viewer', 'other')
  const cookie = await cookieOf('greedy')
  const opened: string[] = []
  for (let at = 0; at < 3; at += 1) {
    const open = await tab(cookie)
    opened.push(...(await Promise.all(Array.from({ length: 100 }, (_, stream) => open(stream + 1)))))
  }
  expect(opened.filter((each) => each === 'open')).toHaveLength(256)
  expect(opened.filter((each) => each === 'live.manyOwnStreams')).toHaveLength(44)
  expect((await ask(greedy.key)).status).toBe(429)
  expect(await (await tab(await cookieOf('other')))(1)).toBe('open')
  const answer = await ask(other.key)
  expect(answer.status).toBe(200)
  await answer.body?.cancel()
  sockets[0]?.disconnect()
  await until(async () => {
    const again = await ask(greedy.key)
    await again.body?.cancel()
    return again.status === 200
  })
}, 60_000)

test('a person who connects all the tabs that they can leaves the others theirs', async () => {
  await all.plane.person('viewer', 'tabs')
  const cookie = await cookieOf('tabs')
  const url = `${all.plane.url.replace('http', 'ws')}/api/socket.io/?EIO=4&transport=websocket`
  const connect = (as: string) => {
    const socket = new WebSocket(url, { headers: { cookie: as, origin: all.plane.url } })
    raw.push(socket)
    socket.on('error', () => {}) // how a refusal looks from here
    return new Promise<number>((resolve) => {
      socket.once('open', () => resolve(101))
      socket.once('unexpected-response', (_request, { statusCode = 0 }) => resolve(statusCode))
    })
  }
  const statuses = await Promise.all(Array.from({ length: 80 }, () => connect(cookie)))
  expect(statuses.filter((status) => status === 101)).toHaveLength(64)
  expect(statuses.filter((status) => status === 429)).toHaveLength(16)
  expect(await connect(await cookieOf('other'))).toBe(101)
})
