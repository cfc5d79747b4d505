import { once } from 'node:events'
import { request } from 'node:http'
import { type Socket, connect } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { minimalEnv, spawn } from '@flotilla/host'
import { asRoot } from '@flotilla/launch/account'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

// What strangers, and a person who may little, send to exhaust a control plane. It must go on answering meanwhile.

const floodMs = 15_000
const mostP99Ms = 200
const mostGrowthMiB = 300

interface Figures {
  p99Ms: number
  rssMiB: number
}

let port = 0
let key = ''
let ask: (line: string) => Promise<unknown>
let end: () => Promise<void>

beforeAll(async () => {
  const program = fileURLToPath(new URL('./flooded-plane.ts', import.meta.url))
  const child = spawn(asRoot([process.execPath, '--import', 'tsx', program]), {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...minimalEnv(), TMPDIR: process.env['TMPDIR'] ?? '/tmp' },
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
  })
  if (child.stdout === null) throw new Error('no standard output')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => JSON.parse(String((await lines.next()).value)) as unknown
  ask = async (line) => {
    child.stdin?.write(`${line}\n`)
    return next()
  }
  end = async () => {
    child.stdin?.write('end\n')
    await once(child, 'exit')
  }
  ;({ port, key } = (await next()) as { port: number; key: string })
  await healthy() // what is made at the first request is no flood's doing
  await ask('figures')
})

afterAll(() => end())

const sockets = new Set<Socket>()

function dial(text = ''): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port })
  sockets.add(socket)
  socket.once('close', () => sockets.delete(socket))
  socket.on('error', () => socket.destroy()) // how being dropped looks from here
  if (text !== '') socket.write(text)
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(socket))
    socket.once('close', () => resolve(socket))
  })
}

const head = (line: string, more = '') => `${line} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${more}\r\n`

function healthy(): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, path: '/healthz', agent: false, timeout: 10_000 }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    sent.once('error', () => resolve(false))
    sent.once('timeout', () => sent.destroy(new Error('too late')))
    sent.end()
  })
}

/** Sends what it is told over and over until the time is up, so many at once. */
async function over(until: number, lanes: number, once: () => Promise<unknown>): Promise<void> {
  const lane = async () => {
    while (performance.now() < until) {
      await once()
      await sleep(1)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

function post(path: string, body: string, headers: Record<string, string> = {}): Promise<number> {
  return fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
    signal: AbortSignal.timeout(30_000),
  }).then(
    async (response) => {
      await response.body?.cancel()
      return response.status
    },
    () => 0,
  )
}

const large = 'x'.repeat(4_000_000)

const floods: Record<string, (until: number) => Promise<void>> = {
  '20,000 connections that say nothing': async (until) => {
    let made = 0
    await over(until, 50, async () => {
      if (made >= 20_000) return sleep(50)
      made += 1
      await dial()
    })
  },
  'heads that come by bytes': async (until) => {
    await over(until, 50, async () => {
      if (sockets.size < 1500) await dial('GET / HTTP/1.1\r\nX: ')
      else for (const socket of [...sockets].slice(0, 200)) if (socket.writable) socket.write('x')
    })
  },
  'bodies of 4 MB of nobody known': (until) => over(until, 10, () => post('/api/v1/operations', large)),
  'bodies of 4 MB of who may not': (until) =>
    over(until, 10, () => post('/api/v1/people', large, { authorization: `Bearer ${key}` })),
  'requests sent ahead whose answers nobody reads': (until) =>
    over(until, 5, async () => {
      const socket = await dial(head('GET /api/v1/openapi.json').repeat(2))
      socket.pause()
      await sleep(20)
    }),
  'bad sign-ins': (until) => {
    let at = 0
    return over(until, 100, () => {
      at += 1
      const credentials = { email: `nobody${at % 500}@example.org`, password: 'wrong wrong wrong' }
      return post('/api/auth/sign-in/email', JSON.stringify(credentials), { origin: `http://127.0.0.1:${port}` })
    })
  },
  'calls that are refused': (until) =>
    over(until, 50, () => post('/api/v1/containers/none/start', '{}', { authorization: `Bearer ${key}` })),
}

describe('while there are', () => {
  test.each(Object.entries(floods))(
    '%s, it answers and is not held up',
    async (name, flood) => {
      const before = (await ask('figures')) as Figures
      const until = performance.now() + floodMs
      let [asked, answered, slowest] = [0, 0, 0]
      const health = over(until, 1, async () => {
        asked += 1
        const began = performance.now()
        if (await healthy()) answered += 1
        slowest = Math.max(slowest, performance.now() - began)
        await sleep(50)
      })
      await Promise.all([flood(until), health])
      const figures = (await ask('figures')) as Figures
      for (const socket of sockets) socket.destroy()
      const grown = figures.rssMiB - before.rssMiB
      process.stdout.write(
        `${name}: p99 ${figures.p99Ms.toFixed(0)} ms, ${answered} of ${asked} healthy, the slowest in ${slowest.toFixed(0)} ms, grown by ${grown} MiB\n`,
      )
      expect(answered).toBe(asked)
      expect(asked).toBeGreaterThan(10)
      expect(figures.p99Ms).toBeLessThan(mostP99Ms)
      expect(grown).toBeLessThan(mostGrowthMiB)
    },
    120_000,
  )
})
