import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unpackSpineAgent } from '@flotilla/testkit/frozen'
import type { FleetChanges, FleetOperation } from '@flotilla/protocol'
import { type Socket, io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FakeAgent, startFakeAgent } from './testing/fake-agent.ts'
import { type TestControlPlane, openControlPlane, testPassword, until } from './testing/open-control-plane.ts'

let folder: string
let agent: FakeAgent
let plane: TestControlPlane
let key: string
let socket: Socket
const fleet: FleetChanges[] = []
const pieces = new Map<number, string>()
const ended = new Set<number>()

/** The agent of an older Flotilla, as a host has it that is updated after its control plane. */
async function startSpineAgent(name: string, options: { containers: number; argv?: string[]; token?: string }) {
  const own = await mkdtemp(join(folder, name))
  const program = await unpackSpineAgent(own)
  return startFakeAgent({ ...options, folder: own, program, env: { FLOTILLA_FAKE_LAYER_MS: '300' } })
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fsa-'))
  agent = await startSpineAgent('local', { containers: 4 })
  plane = await openControlPlane({ agentSocket: agent.socket })
  key = (await plane.person('owner')).key
  await until(() => host()?.state === 'connected', 20_000, 'the first connection')
  socket = await openTab()
}, 60_000)

afterAll(async () => {
  socket?.disconnect() // nothing of these is there where the beginning failed
  await plane?.dispose()
  await agent?.stop()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

const host = () => plane.app.index.hosts(plane.scope).find(({ transport }) => transport === 'socket')

/** A dashboard's connection; what comes on it is kept above. */
async function openTab(): Promise<Socket> {
  const { cookie } = await plane.signIn('owner@example.org', testPassword)
  const tab = io(plane.url, {
    path: '/api/socket.io',
    transports: ['websocket'],
    extraHeaders: { cookie, origin: plane.url },
    reconnection: false,
  })
  tab.on('fleet', (changes: FleetChanges) => fleet.push(changes))
  tab.on('stream.data', (stream: number, piece: Buffer | string) => {
    pieces.set(stream, (pieces.get(stream) ?? '') + piece.toString())
  })
  tab.on('stream.end', ({ stream }: { stream: number }) => ended.add(stream))
  await until(() => fleet.length > 0, 5000, 'the first message')
  return tab
}

/** Every row of a kind that the live channel has told of. */
const rowsOf = (kind: string) =>
  fleet.flatMap(({ changes }) => changes.flatMap((one) => (one.kind === kind ? one.rows : [])))

const open = (given: object): Promise<unknown> => socket.timeout(5000).emitWithAck('stream.open', given)
const came = (stream: number) => pieces.get(stream) ?? ''

async function rest(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const answer = await plane.rest(key, method, path, body)
  expect([answer.status, answer.text]).toEqual([200, answer.text])
  return answer.body
}

const create = async (spec: object) => String((await rest('POST', `/hosts/${host()?.id}/containers`, spec))['id'])

describe("today's control plane with the spine's agent", () => {
  test('lists its containers and images, connected and not stale', async () => {
    const { items, total } = await rest('GET', '/containers')
    expect(total).toBe(4)
    expect(items).toContainEqual(expect.objectContaining({ name: 'shop-web-0', state: 'running', stale: false }))
    expect(await rest('GET', '/images')).toMatchObject({
      items: [{ references: ['docker.io/library/busybox:latest'] }],
    })
    const [row] = items as { id: string }[]
    expect(await rest('GET', `/containers/${row?.id}`)).toMatchObject({ stale: false, detail: { privileged: false } })
  })

  test('creates a privileged container, and the live feed tells of it and of its end', async () => {
    const id = await create({
      name: 'mighty',
      image: 'busybox',
      command: ['sleep', 'infinity'],
      capAdd: ['NET_ADMIN'],
      network: 'host',
      mounts: [{ type: 'bind', source: '/srv', target: '/srv' }],
      start: true,
    })
    const seen = () => rowsOf('container').filter((row) => row.id === id)
    await until(() => seen().some((row) => row['state'] === 'running'), 5000, 'the news of its start')
    expect(await rest('GET', `/containers/${id}`)).toMatchObject({
      name: 'mighty',
      detail: { capabilities: expect.arrayContaining(['NET_ADMIN']) as unknown },
    })
    await rest('POST', `/containers/${id}/stop`, { timeoutSeconds: 0 })
    await until(() => seen().some((row) => row['state'] === 'exited'), 5000, 'the news of its end')
    await rest('DELETE', `/containers/${id}`)
    await until(
      () => fleet.some(({ changes }) => changes.some(({ removed }) => removed.includes(id))),
      5000,
      'its removal',
    )
  })

  test('refuses what the agent would ignore, with the name of it and the version', async () => {
    const spec = { name: 'apart', image: 'busybox', networks: [] }
    const mounts = [{ type: 'volume', source: 'data', target: '/data' }]
    const refusals = { networks: spec, 'mounts.volume': { name: 'apart', image: 'busybox', mounts } }
    for (const [option, asked] of Object.entries(refusals)) {
      for (const start of [false, true]) {
        const { status, body } = await plane.rest(key, 'POST', `/hosts/${host()?.id}/containers`, { ...asked, start })
        expect([status, body['code']]).toEqual([422, 'UNSUPPORTED'])
        expect(body['message']).toContain(`containers.create.${option}`)
        expect(body['message']).toContain(host()?.facts?.agentVersion)
      }
    }
    expect((await rest('GET', '/containers?search=apart'))['total']).toBe(0)
  })

  test('pulls with progress', async () => {
    const desired = { reference: 'alpine:3.20', operationId: 'pull-to-the-end' }
    const pulling = rest('POST', `/hosts/${host()?.id}/images/pull`, desired)
    const steps = () =>
      (rowsOf('operation') as unknown as FleetOperation[]).filter(({ id }) => id === desired.operationId)
    await until(() => steps().some(({ progress }) => progress.some(({ step }) => step === 'download')))
    expect(await pulling).toMatchObject({ references: ['docker.io/library/alpine:3.20'] })
    await until(() => steps().some(({ state }) => state === 'succeeded'), 5000, 'the end of the operation')
  })

  test('cancels a pull', async () => {
    const desired = { reference: 'nginx:latest', operationId: 'pull-to-cancel' }
    const pulling = plane.rest(key, 'POST', `/hosts/${host()?.id}/images/pull`, desired)
    await until(() => rowsOf('operation').some(({ id }) => id === desired.operationId))
    const cancelled = await rest('POST', `/hosts/${host()?.id}/operations/${desired.operationId}/cancel`, {})
    expect(cancelled).toMatchObject({ state: 'cancelled', error: { code: 'CANCELLED' } })
    expect((await pulling).body).toMatchObject({ code: 'CANCELLED' })
    expect((await rest('GET', '/images?search=nginx'))['total']).toBe(0)
  })

  test('follows logs, types into a terminal and runs a command', async () => {
    const command = ['sh', '-c', 'echo line 1; echo line 2; sleep infinity']
    const id = await create({ name: 'talker', image: 'busybox', command, start: true })
    expect(await open({ kind: 'logs', stream: 1, input: { id, follow: true } })).toEqual({})
    await until(() => came(1).includes('line 2'), 5000, 'its log')
    socket.emit('stream.close', { stream: 1 })
    const session = await rest('POST', `/containers/${id}/exec-sessions`, { command: ['cat'] })
    const terminal = { kind: 'terminal', stream: 2, input: { container: id, session: String(session['id']) } }
    expect(await open(terminal)).toEqual({})
    await socket.emitWithAck('stream.input', { stream: 2, data: Buffer.from('typed\n') })
    await until(() => came(2).includes('typed'), 5000, 'what was typed')
    await socket.emitWithAck('stream.input', { stream: 2, message: { type: 'stdin-end' } })
    await until(() => ended.has(2), 5000, 'the end of the terminal')
    const echoed = await rest('POST', `/containers/${id}/exec`, { command: ['cat'], stdin: 'through\n' })
    expect(echoed).toMatchObject({ stdout: 'through\n', exitCode: 0 })
    await rest('DELETE', `/containers/${id}?force=true`)
  })

  test('takes one in that joins by WebSocket', async () => {
    const { token } = await rest('POST', '/hosts/join-tokens', {})
    const joining = await startSpineAgent('join', { containers: 2, argv: ['join', plane.url], token: String(token) })
    try {
      const joined = () => plane.app.index.hosts(plane.scope).find(({ transport }) => transport === 'websocket')
      await until(() => joined()?.state === 'connected', 15_000, 'the join')
      expect((await rest('GET', `/containers?hostId=${joined()?.id}`))['total']).toBe(2)
    } finally {
      await joining.stop()
    }
  })
})
