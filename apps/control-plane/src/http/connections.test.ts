import { once } from 'node:events'
import { request as ask, type Server } from 'node:http'
import { type Socket, connect } from 'node:net'
import { createLogger } from '@flotilla/log'
import { afterEach, expect, test } from 'vitest'
import { until } from '../testing/open-control-plane.ts'
import { ownPort } from '../testing/own-port.ts'
import { sendJson } from './answers.ts'
import { callerIsKnown, shareOf } from './connections.ts'
import { OriginPolicy } from './origin-policy.ts'
import type { HttpRoute } from './http-route.ts'
import { createHttpServer, type HttpServerOptions, listen } from './server.ts'
import { TrustedProxies } from './trusted-proxies.ts'

let server: Server
let port = 0
const sockets: Socket[] = []

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const health: HttpRoute = {
  methods: ['GET'],
  path: '/healthz',
  access: 'public',
  answer: (_request, response) => sendJson(response, 200, { ok: true }),
}

async function open(options: Partial<HttpServerOptions>, routes: HttpRoute[] = []): Promise<void> {
  port = await ownPort()
  const listenOn = { listen: '127.0.0.1', port }
  const policy = new OriginPolicy({ publicUrl: `http://127.0.0.1:${port}`, ...listenOn })
  const log = createLogger('test', 'silent')
  const proxies = new TrustedProxies([])
  server = createHttpServer({ routes: [health, ...routes], upgrades: [], policy, proxies, tls: null, log, ...options })
  await listen(server, port, '127.0.0.1')
}

async function dial(localAddress = '127.0.0.1', text = '', isRead = true): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, localAddress })
  sockets.push(socket)
  socket.on('error', () => {}) // how being dropped looks from here
  await once(socket, 'connect')
  if (isRead) socket.resume()
  if (text !== '') socket.write(text)
  return socket
}

const headOf = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${more}\r\n`
const alive = (all: readonly Socket[]) => all.filter(({ closed }) => !closed).length

function isHealthy(localAddress = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const request = ask({ host: '127.0.0.1', port, path: '/healthz', agent: false, localAddress }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    request.on('error', () => resolve(false))
    request.end()
  })
}

/** As many as are asked for, some at once: a listener holds back only so many that it has not accepted. */
async function many(count: number, localAddress?: string, text?: string): Promise<Socket[]> {
  const made: Socket[] = []
  while (made.length < count) {
    made.push(...(await Promise.all(Array.from({ length: 50 }, () => dial(localAddress, text)))))
  }
  return made
}

test('however many connections say nothing, so many are held and whoever asks is answered', async () => {
  await open({ limits: { total: 100 } })
  const idle = await many(500)
  await until(() => alive(idle) <= 100)
  expect(await isHealthy()).toBe(true)
})

/** As if loopback were a network like any other. */
const nobodyShares = Object.assign(new TrustedProxies([]), { isShared: () => false })

test('one address takes nothing of the others, and of its own the oldest goes that says nothing', async () => {
  await open({ limits: { perAddress: 20, total: 100 }, proxies: nobodyShares })
  const others = await Promise.all(Array.from({ length: 10 }, () => dial('127.0.0.3')))
  const idle = await many(200, '127.0.0.2')
  await until(() => alive(idle) === 20)
  expect(alive(others)).toBe(10)
  expect(alive(idle.slice(-50))).toBe(20)
  expect(await isHealthy('127.0.0.2')).toBe(true)
})

test('an answer to somebody known is under way: that connection makes room for nobody', async () => {
  const slow: HttpRoute = {
    ...{ methods: ['GET'], path: '/slow', access: 'signed-in' },
    answer: (request, response) => {
      callerIsKnown(request, response)
      response.writeHead(200)
      response.write('begun')
    },
  }
  await open({ limits: { total: 10 } }, [slow])
  const reader = await dial('127.0.0.1', headOf('/slow'))
  await once(reader, 'data')
  const idle = await many(50)
  await until(() => alive(idle) === 9)
  expect(reader.closed).toBe(false)
})

test('a head that does not come, or comes by bytes, ends its connection', async () => {
  await open({ arrivalMs: 300 })
  const silent = await dial()
  const slow = await dial('127.0.0.1', 'GET /healthz HTTP/1.1\r\nX: ')
  const trickle = setInterval(() => slow.write('x'), 20)
  try {
    await until(() => silent.closed && slow.closed)
  } finally {
    clearInterval(trickle)
  }
  expect(await isHealthy()).toBe(true)
})

test('who takes nothing of an answer loses it', async () => {
  const large: HttpRoute = {
    ...{ methods: ['GET'], path: '/large', access: 'public' },
    answer: (_request, response) => void response.end(Buffer.alloc(16 * 1024 * 1024)),
  }
  await open({ limits: { stalledMs: 300 } }, [large])
  const deaf = await dial('127.0.0.1', headOf('/large'), false)
  const connections = () => new Promise((resolve) => server.getConnections((_error, count) => resolve(count)))
  await until(async () => (await connections()) === 1)
  await until(async () => (await connections()) === 0)
  expect(deaf.bytesRead).toBeLessThan(16 * 1024 * 1024)
})

test('of requests that are sent ahead one is answered after the other, and the next when the one before was taken', async () => {
  let [answered, under] = [0, 0]
  let most = 0
  const large: HttpRoute = {
    ...{ methods: ['GET'], path: '/large', access: 'public' },
    answer: async (_request, response) => {
      answered += 1
      under += 1
      most = Math.max(most, under)
      response.once('close', () => (under -= 1))
      await new Promise((resolve) => setImmediate(resolve))
      response.end(Buffer.alloc(8 * 1024 * 1024))
    },
  }
  await open({}, [large])
  const deaf = await dial('127.0.0.1', headOf('/large').repeat(2), false)
  await until(() => answered === 1)
  expect(await isHealthy()).toBe(true)
  expect(answered).toBe(1)
  deaf.resume()
  await until(() => answered === 2 && under === 0)
  expect(most).toBe(1)
})

test('who sends far ahead loses the connection', async () => {
  await open({})
  const eager = await dial('127.0.0.1', headOf('/healthz').repeat(3), false)
  eager.resume()
  await until(() => eager.closed)
  expect(await isHealthy()).toBe(true)
})

test('what all together have not taken is bounded, whoever they are', async () => {
  const large: HttpRoute = {
    ...{ methods: ['GET'], path: '/large', access: 'signed-in' },
    answer: (request, response) => {
      callerIsKnown(request, response)
      response.end(Buffer.alloc(16 * 1024 * 1024))
    },
  }
  await open({ limits: { unsentBytes: 40 * 1024 * 1024 } }, [large])
  for (let at = 0; at < 6; at += 1) await dial('127.0.0.1', headOf('/large'), false)
  const connections = () => new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)))
  await until(async () => (await connections()) > 0 && (await connections()) <= 2)
  expect(await isHealthy()).toBe(true)
})

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('%s has the share of %s', (address, share) => expect(shareOf(address)).toBe(share))
