import type { StreamEnd, StreamOpenInput } from '@flotilla/protocol'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Socket, io } from 'socket.io-client'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { denyingPolicy } from './testing/hiding.ts'
import { testPassword, until } from './testing/open-control-plane.ts'
import { linkTo } from './testing/scripted-host.ts'
import { openWithAgent, type WithAgent } from './testing/with-agent.ts'

// What is open on an object when the right to it goes ends as a new call would: hidden like what is not there, else refused.

const hidden = new Set<string>()
/** `containers.logs of <id>` */
const denied = new Set<string>()
const policy = denyingPolicy((permission, { id = '' }) => hidden.has(id) || denied.has(`${permission} of ${id}`))
/** Two seconds on a machine with nothing else to do. */
const endsWithinMs = 6000

let all: WithAgent
let keys: { owner: string; operator: string }
let container: string
let silent: string
let volume: string
let socket: Socket
const counts = new Map<number, number>()
const ends: StreamEnd[] = []
let streams = 0

beforeAll(async () => {
  all = await openWithAgent({ policy, containers: 0 })
  keys = { owner: (await all.plane.person('owner')).key, operator: (await all.plane.person('operator')).key }
  const { cookie } = await all.plane.signIn('operator@example.org', testPassword)
  socket = io(all.plane.url, {
    ...{ path: '/api/socket.io', transports: ['websocket'], reconnection: false },
    extraHeaders: { cookie, origin: all.plane.url },
  })
  socket.on('stream.data', (stream: number) => counts.set(stream, (counts.get(stream) ?? 0) + 1))
  socket.on('stream.end', (end: StreamEnd) => ends.push(end))
  await until(() => socket.connected, 5000, 'the connection')
  container = await made('containers', {
    ...{ image: 'busybox', start: true },
    command: ['sh', '-c', 'while true; do echo tick; sleep 0.05; done'],
  })
  silent = await made('containers', { image: 'busybox', start: true, command: ['sh', '-c', 'sleep infinity'] })
  volume = await made('volumes', { name: 'shelf' })
}, 90_000)

afterEach(() => {
  hidden.clear()
  denied.clear()
})

afterAll(async () => {
  socket?.disconnect()
  await all?.dispose() // not there where the beginning failed
})

async function made(plural: string, body: object): Promise<string> {
  const answer = await all.plane.rest(keys.owner, 'POST', `/hosts/${all.host().id}/${plural}`, body)
  expect([answer.status, answer.text]).toEqual([200, answer.text])
  return String(answer.body['id'])
}

const contentOf = (path: string) => `${all.plane.url}/api/v1/volumes/${volume}/content?path=${path}`
const ask = (method: string, path: string, body?: object) => all.plane.rest(keys.operator, method, path, body)

type Opening = Record<'logs' | 'stats' | 'terminal', () => Promise<object>>
const inputs: Opening = {
  logs: () => Promise.resolve({ id: container, follow: true }),
  stats: () => Promise.resolve({ id: container, intervalMs: 500 }),
  terminal: async () => {
    const made = await ask('POST', `/containers/${container}/exec-sessions`, { command: ['sh'] })
    expect(made.status).toBe(200)
    return { container, session: String(made.body['id']) }
  },
}

async function open(kind: string, input: object): Promise<number> {
  const stream = ++streams
  const opening = { kind, stream, input } as StreamOpenInput
  expect(await socket.timeout(5000).emitWithAck('stream.open', opening)).toEqual({})
  return stream
}

const endOf = async (stream: number) => {
  await until(() => ends.some((end) => end.stream === stream), endsWithinMs, 'the end of the stream')
  return ends.find((end) => end.stream === stream)?.error?.code
}

const permissions = { logs: 'containers.logs', stats: 'containers.read', terminal: 'containers.exec' } as const

describe.each(['logs', 'stats', 'terminal'] as const)('the live stream of %s', (kind) => {
  test('ends as of nothing where its container is hidden', async () => {
    const [stream, other] = [await open(kind, await inputs[kind]()), await open('logs', { id: silent, follow: true })]
    hidden.add(container)
    expect(await endOf(stream)).toBe('NOT_FOUND')
    expect(ends.filter((end) => end.stream === other)).toEqual([])
    socket.emit('stream.close', { stream: other })
  })

  test('is refused where its permission for this container is denied', async () => {
    const stream = await open(kind, await inputs[kind]())
    denied.add(`${permissions[kind]} of ${container}`)
    // Who may not list it does not see it.
    expect(await endOf(stream)).toBe(kind === 'stats' ? 'NOT_FOUND' : 'PERMISSION_DENIED')
  })
})

test('what is typed into a terminal whose right is gone is refused at once', async () => {
  const [first, second] = [
    await open('terminal', await inputs.terminal()),
    await open('terminal', await inputs.terminal()),
  ]
  const type = (stream: number) =>
    socket.timeout(5000).emitWithAck('stream.input', { stream, data: Buffer.from('id\n') }) as Promise<object>
  expect([await type(first), await type(second)]).toEqual([{}, {}])
  denied.add(`containers.exec of ${container}`)
  expect(await type(first)).toMatchObject({ error: { code: 'PERMISSION_DENIED' } })
  denied.clear()
  hidden.add(container)
  expect(await type(second)).toMatchObject({ error: { code: 'NOT_FOUND' } })
  expect([await endOf(first), await endOf(second)]).toEqual(['PERMISSION_DENIED', 'NOT_FOUND'])
})

describe('an operation that somebody else started', () => {
  let stopping: Promise<unknown>
  const id = 'long-stop'

  beforeAll(async () => {
    const body = { timeoutSeconds: 40, operationId: id }
    stopping = all.plane.rest(keys.owner, 'POST', `/containers/${silent}/stop`, body)
    const path = `/hosts/${all.host().id}/operations/${id}`
    await until(async () => (await ask('GET', path)).status === 200, 5000, 'the operation')
  })
  afterAll(async () => {
    await all.plane.rest(keys.owner, 'POST', `/hosts/${all.host().id}/operations/${id}/cancel`, {})
    await stopping
  })

  test('is seen no more, live or in REST, by whom its object is hidden from', async () => {
    const stream = await open('operation', { id, hostId: all.host().id })
    await until(() => counts.has(stream), 5000, 'its state')
    const followed = await follow(`/operations/${id}/progress?hostId=${all.host().id}`)
    hidden.add(silent)
    expect(await endOf(stream)).toBe('NOT_FOUND')
    expect(await followed.cut()).toBe(true)
  })
})

/** Begins to read an answer; `cut` waits for its end and says whether it broke off. */
async function follow(path: string) {
  const asked = await fetch(`${all.plane.url}/api/v1${path}`, { headers: { authorization: `Bearer ${keys.operator}` } })
  expect(asked.status).toBe(200)
  let end: 'cut' | 'whole' | undefined
  void (async () => {
    try {
      for await (const _piece of asked.body as unknown as AsyncIterable<Uint8Array>);
      end = 'whole'
    } catch {
      end = 'cut'
    }
  })()
  return {
    cut: async () => {
      await until(() => end !== undefined, endsWithinMs, 'the end of the answer')
      return end === 'cut'
    },
  }
}

describe.each(['logs', 'stats'] as const)('followed %s in REST', (kind) => {
  const path = () => `/containers/${container}/${kind}?follow=true`
  const withdrawals = [
    ['hidden', 404, () => hidden.add(container)],
    ['denied', kind === 'stats' ? 404 : 403, () => denied.add(`${permissions[kind]} of ${container}`)],
  ] as const

  test.each(withdrawals)('are cut where the container or the right is %s', async (_what, status, withdraw) => {
    const followed = await follow(path())
    withdraw()
    expect(await followed.cut()).toBe(true)
    expect((await ask('GET', path())).status).toBe(status)
  })
})

test('an answer that has no line yet when the right goes is a refusal', async () => {
  const asked = ask('GET', `/containers/${silent}/logs?follow=true`)
  await sleep(500)
  denied.add(`containers.logs of ${silent}`)
  const { status, body } = await asked
  expect([status, body]).toMatchObject([403, { code: 'PERMISSION_DENIED' }])
})

/** Begins an upload that does not come to its end by itself. */
function upload(key: string, path: string) {
  const sent = request(contentOf(path), {
    method: 'PUT',
    headers: {
      ...{ authorization: `Bearer ${key}`, 'content-type': 'application/octet-stream' },
      'content-length': '100000',
    },
  })
  sent.write(Buffer.alloc(1000))
  const answer = new Promise<{ status: number; code: string; params: object }>((resolve, reject) => {
    sent.once('error', reject)
    sent.once('response', (response) => {
      let text = ''
      response.on('data', (piece: Buffer) => (text += piece.toString()))
      response.once('end', () => {
        const { code, params } = JSON.parse(text) as { code: string; params: object }
        resolve({ status: response.statusCode ?? 0, code, params })
      })
    })
  })
  return { sent, answer }
}

const withdrawals = (permission: string) =>
  [
    ['hidden', 404, 'NOT_FOUND', () => hidden.add(volume)],
    ['denied', 403, 'PERMISSION_DENIED', () => denied.add(`${permission} of ${volume}`)],
  ] as const

describe('an upload', () => {
  test.each(withdrawals('volumes.files.write'))(
    'to a volume that is %s meanwhile ends and leaves nothing',
    async (what, status, code, withdraw) => {
      const { answer, sent } = upload(keys.operator, `upload-${what}`)
      setTimeout(withdraw, 500)
      expect(await answer).toMatchObject({ status, code })
      sent.destroy()
      const { text } = await all.plane.rest(keys.owner, 'GET', `/volumes/${volume}/files?path=`)
      expect(text).not.toContain(`upload-${what}`)
      const { rows } = await all.plane.app.db.audit.list(all.plane.scope, { limit: 5 })
      expect(rows).toContainEqual(expect.objectContaining({ action: 'volumeFiles.write', code }))
    },
  )

  test('ends where it was begun with a right to the host that its sender has no more', async () => {
    const { key, userId } = await all.plane.person('admin', 'demoted')
    const { answer, sent } = upload(key, 'upload-demoted')
    await sleep(500)
    await all.plane.app.db.access.setRole(all.plane.scope, userId, 'operator')
    expect(await answer).toMatchObject({
      ...{ status: 403, code: 'PERMISSION_DENIED' },
      params: { permission: 'containers.create.privileged' },
    })
    sent.destroy()
  })
})

describe('a download', () => {
  /** Begins one of a host that sends a piece every ten milliseconds, this many of them. */
  async function download(pieces: number) {
    const { gateway } = all.plane.app
    const host = all.host()
    const [engine] = host.reported
    const real = gateway.linkOf(host.id)
    if (engine === undefined || real === undefined) throw new Error('the host is away')
    async function* read() {
      for (let at = 0; at < pieces; at += 1) {
        yield Buffer.alloc(1000)
        await sleep(10)
      }
    }
    gateway.attach(host.id, await linkTo({}, { [engine.id]: { volumeFiles: { read } } }))
    onTestFinished(() => gateway.attach(host.id, real))
    const asked = request(contentOf('large'), { headers: { authorization: `Bearer ${keys.operator}` } }).end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(200)
    let isOver = false
    response.on('error', () => {}) // how one ends that is cut
    response.once('close', () => (isOver = true))
    response.resume()
    return async () => {
      await until(() => isOver, endsWithinMs, 'the end')
      return response.complete
    }
  }

  test('comes to its end where nothing is withdrawn', async () => {
    const isWhole = await download(250)
    expect(await isWhole()).toBe(true)
  })

  test.each(withdrawals('volumes.files.read'))(
    'of a volume that is %s meanwhile is cut',
    async (_what, status, _code, withdraw) => {
      const isWhole = await download(10_000)
      withdraw()
      expect(await isWhole()).toBe(false)
      expect((await ask('GET', `/volumes/${volume}/content?path=large`)).status).toBe(status)
    },
  )
})
