import type { FleetChanges, LogBatch, StreamEnd, StreamOpenInput } from '@flotilla/protocol'
import { streamCreditBytes } from '@flotilla/protocol'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Socket as ServerSocket } from 'socket.io'
import { type Socket, io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { testPassword, until } from '../testing/open-control-plane.ts'
import { type WithAgent, openWithAgent } from '../testing/with-agent.ts'

let all: WithAgent
let ownerKey: string
const sockets: Socket[] = []

beforeAll(async () => {
  all = await openWithAgent({ containers: 3 })
  ownerKey = (await all.plane.person('owner')).key
}, 60_000)

afterAll(async () => {
  for (const socket of sockets) socket.disconnect()
  await all.dispose()
})

/** A tab of somebody, that keeps what it is sent. */
async function tab(email: string) {
  const { cookie } = await all.plane.signIn(email, testPassword)
  const socket = io(all.plane.url, {
    path: '/api/socket.io',
    transports: ['websocket'],
    extraHeaders: { cookie, origin: all.plane.url },
    reconnection: false,
    forceNew: true,
  })
  sockets.push(socket)
  const fleet: FleetChanges[] = []
  const data = new Map<number, (Buffer | string)[]>()
  const ends: StreamEnd[] = []
  socket.on('fleet', (changes: FleetChanges) => fleet.push(changes))
  socket.on('stream.data', (stream: number, piece: Buffer | string) => {
    data.set(stream, [...(data.get(stream) ?? []), piece])
  })
  socket.on('stream.end', (end: StreamEnd) => ends.push(end))
  await until(() => fleet.length > 0, 5000, 'the first message')
  return {
    socket,
    cookie,
    fleet,
    ends,
    pieces: (stream: number) => data.get(stream) ?? [],
    bytes: (stream: number) => (data.get(stream) ?? []).reduce((sum, piece) => sum + piece.length, 0),
    lines: (stream: number) =>
      (data.get(stream) ?? []).flatMap((piece) =>
        (JSON.parse(piece.toString()) as LogBatch[]).flatMap((batch) => batch.lines.map(({ text }) => text)),
      ),
    open: async (open: StreamOpenInput) =>
      (await socket.timeout(5000).emitWithAck('stream.open', open)) as { error?: { code: string } },
  }
}

/** A tab that speaks the channel's own text, so that it can stop reading and still write; and the server's end of it. */
async function rawTab(email: string) {
  const { cookie } = await all.plane.signIn(email, testPassword)
  const sent = vi.spyOn(ServerSocket.prototype, 'emit')
  const url = `${all.plane.url.replace('http', 'ws')}/api/socket.io/?EIO=4&transport=websocket`
  const socket = new WebSocket(url, { headers: { cookie, origin: all.plane.url } })
  let text = ''
  socket.on('message', (data: Buffer, binary: boolean) => {
    if (!binary) text += data.toString()
  })
  await once(socket, 'open')
  socket.send('40')
  await until(() => text.includes('"fleet"'), 5000, 'the first message')
  const server = sent.mock.contexts
    .filter((each) => each instanceof ServerSocket)
    .find(({ request }) => request.headers.cookie === cookie)
  sent.mockRestore()
  if (server === undefined) throw new Error('the server has no such connection')
  return { socket, server, text: () => text }
}

async function running(command: string): Promise<string> {
  const path = `/hosts/${all.host().id}/containers`
  const made = await all.plane.rest(ownerKey, 'POST', path, { image: 'busybox', command: ['sh', '-c', command] })
  expect([made.status, made.text]).toEqual([200, made.text])
  const id = String(made.body['id'])
  expect((await all.plane.rest(ownerKey, 'POST', `/containers/${id}/start`)).status).toBe(200)
  return id
}

describe('fleet changes', () => {
  test('arrive numbered, with whole rows, and removed ones by id', async () => {
    await all.plane.person('viewer', 'watcher')
    const one = await tab('watcher@example.org')
    const id = await running('sleep infinity')
    const seen = () =>
      one.fleet.flatMap(({ changes }) => changes.flatMap(({ rows }) => rows)).filter((row) => row.id === id)
    await until(() => seen().some((row) => row['state'] === 'running'))
    await all.plane.rest(ownerKey, 'DELETE', `/containers/${id}?force=true`)
    await until(() => one.fleet.some(({ changes }) => changes.some(({ removed }) => removed.includes(id))))
    expect(one.fleet.map(({ sequence }) => sequence)).toEqual(one.fleet.map((_message, at) => at))
  })
})

describe('streams', () => {
  test('logs follow, and end when the container does', async () => {
    await all.plane.person('viewer', 'reader')
    const one = await tab('reader@example.org')
    const id = await running('echo line 1; sleep 0.2; echo line 2; sleep 0.2; echo line 3')
    expect(await one.open({ kind: 'logs', stream: 1, input: { id, follow: true } })).toEqual({})
    await until(() => one.ends.some(({ stream }) => stream === 1))
    expect(one.lines(1)).toEqual(['line 1', 'line 2', 'line 3'])
    expect(one.ends).toEqual([{ stream: 1 }])
  })

  test('a reader that acknowledges nothing gets its credit and one piece more; all of it when it does', async () => {
    await all.plane.person('viewer', 'slow')
    const one = await tab('slow@example.org')
    const total = 60_000
    const id = await running(`seq 1 ${total}`)
    expect(await one.open({ kind: 'logs', stream: 7, input: { id, follow: true } })).toEqual({})
    await until(() => one.bytes(7) >= streamCreditBytes)
    await sleep(500)
    const stalled = one.bytes(7)
    const largest = Math.max(...one.pieces(7).map(({ length }) => length))
    expect(stalled).toBeLessThanOrEqual(streamCreditBytes + largest)
    let given = 0
    const timer = setInterval(() => {
      const bytes = one.bytes(7) - given
      if (bytes === 0) return
      given += bytes
      one.socket.emit('stream.ack', { stream: 7, bytes })
    }, 5)
    await until(() => one.ends.some(({ stream }) => stream === 7), 30_000, 'the end of the log')
    clearInterval(timer)
    expect(one.bytes(7)).toBeGreaterThan(stalled)
    expect(one.lines(7)).toEqual(Array.from({ length: total }, (_, at) => String(at + 1)))
  }, 60_000)

  test('a tab that acknowledges what it does not take is sent no more until it takes it', async () => {
    await all.plane.person('viewer', 'stalled')
    const id = await running('seq 1 60000')
    const streams = [1, 2, 3, 4]
    const { socket, server, text } = await rawTab('stalled@example.org')
    const unread = new Map<number, number>()
    let acknowledged = 0
    server.onAnyOutgoing((event: string, stream: number, piece: unknown) => {
      if (Buffer.isBuffer(piece)) unread.set(stream, (unread.get(stream) ?? 0) + piece.length)
    })
    server.on('stream.ack', () => (acknowledged += 1))
    const say = (event: string, body: unknown) => socket.send(`42${JSON.stringify([event, body])}`)
    for (const stream of streams) say('stream.open', { kind: 'logs', stream, input: { id, follow: true } })
    await until(() => unread.size === streams.length, 10_000, 'the first pieces')
    socket.pause()
    const timer = setInterval(() => {
      socket.send('3') // the answer to a ping that it does not read
      for (const [stream, bytes] of unread) say('stream.ack', { stream, bytes })
      unread.clear()
      for (const stream of streams) say('stream.ack', { stream, bytes: 16 * 1024 * 1024 })
    }, 2)
    const waiting = () => (server.conn as unknown as { writeBuffer: unknown[] }).writeBuffer.length
    await until(() => waiting() >= 16, 20_000, 'a full queue')
    const before = acknowledged
    await until(() => acknowledged > before + 1000, 20_000, 'what it says')
    expect(waiting()).toBeLessThan(32)
    socket.resume()
    const ended = () => text().split('stream.end').length - 1
    await until(() => ended() === streams.length, 40_000, 'the ends of the logs')
    clearInterval(timer)
    socket.terminate()
  }, 90_000)

  test('a terminal echoes what is typed, in order, and its opening is written down', async () => {
    const maker = await all.plane.person('operator', 'typist')
    const one = await tab('typist@example.org')
    const id = await running('sleep infinity')
    const session = await all.plane.rest(maker.key, 'POST', `/containers/${id}/exec-sessions`, { command: ['cat'] })
    const input = { container: id, session: String(session.body['id']) }
    expect(await one.open({ kind: 'terminal', stream: 2, input })).toEqual({})
    for (let at = 0; at < 50; at += 1) {
      const data = Buffer.from(`key ${at}\n`)
      expect(await one.socket.emitWithAck('stream.input', { stream: 2, data })).toEqual({})
    }
    const text = () => Buffer.concat(one.pieces(2).filter((piece) => Buffer.isBuffer(piece))).toString()
    await until(() => text().includes('key 49'))
    expect(text()).toBe(Array.from({ length: 50 }, (_, at) => `key ${at}\n`).join(''))
    one.socket.emit('stream.input', { stream: 2, message: { type: 'stdin-end' } })
    await until(() => one.ends.some(({ stream }) => stream === 2))
    expect(one.pieces(2).some((piece) => typeof piece === 'string' && piece.includes('"exit"'))).toBe(true)
    const { rows } = await all.plane.app.db.audit.list(all.plane.scope, { limit: 50, action: 'stream.terminal' })
    expect(rows[0]).toMatchObject({ actorName: 'typist', outcome: 'succeeded', target: `${id} ${input.session}` })
  })

  test('nobody attaches to the terminal of somebody else, not even an owner', async () => {
    const maker = await all.plane.person('operator', 'private')
    const other = await tab('owner@example.org')
    const id = await running('sleep infinity')
    const session = await all.plane.rest(maker.key, 'POST', `/containers/${id}/exec-sessions`, { command: ['cat'] })
    const input = { container: id, session: String(session.body['id']) }
    const answer = await other.open({ kind: 'terminal', stream: 1, input })
    expect(answer).toMatchObject({ error: { code: 'NOT_FOUND' } })
  })

  test('a stream without its right, in a wrong shape, of an unknown object or past the limit is refused', async () => {
    await all.plane.person('viewer', 'curious')
    const one = await tab('curious@example.org')
    const id = await running('sleep infinity')
    const terminal = { kind: 'terminal', stream: 1, input: { container: id, session: 'x' } } as const
    expect(await one.open(terminal)).toMatchObject({ error: { code: 'PERMISSION_DENIED' } })
    expect(await one.open({ kind: 'logs', stream: 1, input: { id: 'none' } })).toMatchObject({
      error: { code: 'NOT_FOUND' },
    })
    expect(await one.open({ kind: 'nothing' } as never)).toMatchObject({ error: { code: 'INVALID_ARGUMENT' } })
    const input = { stream: 99, data: Buffer.from('x') }
    expect(await one.socket.emitWithAck('stream.input', input)).toMatchObject({ error: { code: 'NOT_FOUND' } })
    const stats = { kind: 'stats', input: { id } } as const
    for (let at = 1; at <= 128; at += 1) expect(await one.open({ ...stats, stream: at })).toEqual({})
    expect(await one.open({ ...stats, stream: 129 })).toMatchObject({ error: { code: 'RESOURCE_EXHAUSTED' } })
  })

  test('a sign-out ends the connections of all tabs, and leaves those of others', async () => {
    await all.plane.person('viewer', 'leaver')
    await all.plane.person('viewer', 'stayer')
    const [one, other] = [await tab('leaver@example.org'), await tab('stayer@example.org')]
    const headers = { cookie: one.cookie, origin: all.plane.url, 'content-type': 'application/json' }
    const answer = await fetch(`${all.plane.url}/api/auth/sign-out`, { method: 'POST', headers, body: '{}' })
    expect(answer.status).toBe(200)
    await until(() => !one.socket.connected, 6000, 'the end of the connection')
    expect(other.socket.connected).toBe(true)
  })

  test('streams end with the withdrawal of the right', async () => {
    const person = await all.plane.person('operator', 'fired')
    const one = await tab('fired@example.org')
    const id = await running('while true; do echo tick; sleep 0.05; done')
    expect(await one.open({ kind: 'logs', stream: 1, input: { id, follow: true } })).toEqual({})
    await until(() => one.bytes(1) > 0)
    await all.plane.app.db.access.removePerson(all.plane.scope, person.userId)
    // Two seconds on a machine with nothing else to do.
    await until(() => !one.socket.connected, 6000, 'the end of the connection')
    await all.plane.rest(ownerKey, 'DELETE', `/containers/${id}?force=true`)
  })
})
