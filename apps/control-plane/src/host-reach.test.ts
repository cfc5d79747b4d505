import { fail, type StreamEnd } from '@flotilla/protocol'
import { type Socket, io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { testPassword, until } from './testing/open-control-plane.ts'
import { linkTo } from './testing/scripted-host.ts'
import { type WithAgent, openWithAgent } from './testing/with-agent.ts'

// Commands in a container that reaches its host take the right to such containers, whichever way they come.

let all: WithAgent
const keys = new Map<string, string>()
const made = new Map<string, string>()
const binds = (source: string, readOnly = false) => ({ mounts: [{ type: 'bind', source, target: '/lent', readOnly }] })
const reaching = {
  sysAdmin: { capAdd: ['SYS_ADMIN'] },
  everything: { capAdd: ['ALL'] },
  root: binds('/'),
  etc: binds('/etc'),
  proc: binds('/proc'),
  socket: binds('/var/run/docker.sock'),
  sockets: binds('/run', true),
}
const others = { plain: {}, folder: binds('/srv'), read: binds('/etc', true), network: { capAdd: ['NET_ADMIN'] } }

beforeAll(async () => {
  all = await openWithAgent({ containers: 0 })
  for (const role of ['viewer', 'operator', 'admin', 'owner'] as const)
    keys.set(role, (await all.plane.person(role)).key)
  for (const [name, more] of Object.entries({ ...reaching, ...others })) {
    const body = { image: 'busybox', name, start: true, command: ['sh', '-c', 'sleep infinity'], ...more }
    const { status, text, body: answer } = await ask('owner', 'POST', `/hosts/${all.host().id}/containers`, body)
    expect([status, text]).toEqual([200, text])
    made.set(name, String(answer['id']))
  }
}, 90_000)

afterAll(() => all?.dispose())

const ask = (role: string, method: string, path: string, body?: object) =>
  all.plane.rest(keys.get(role) ?? '', method, path, body)
const run = (role: string, name: string) =>
  ask(role, 'POST', `/containers/${made.get(name)}/exec`, { command: ['echo', 'hello'] })
const session = (role: string, name: string) =>
  ask(role, 'POST', `/containers/${made.get(name)}/exec-sessions`, { command: ['sh'] })

describe.each(Object.keys(reaching))('a container that reaches its host by %s', (name) => {
  test('runs commands of owners and admins alone', async () => {
    for (const attempt of [run, session]) {
      const refused = await attempt('operator', name)
      expect(refused).toMatchObject({ status: 403, body: { code: 'PERMISSION_DENIED', kind: 'access.reachesHost' } })
      expect(refused.body['params']).toMatchObject({ name, permission: 'containers.create.privileged' })
      for (const role of ['admin', 'owner']) expect((await attempt(role, name)).status).toBe(200)
    }
    expect((await run('admin', name)).body).toMatchObject({ stdout: 'hello\n' })
  })

  test('shows everybody its logs, and why', async () => {
    expect((await ask('viewer', 'GET', `/containers/${made.get(name)}/logs`)).status).toBe(200)
    const { body } = await ask('viewer', 'GET', `/containers/${made.get(name)}`)
    expect((body['detail'] as { reachesHost: string[] }).reachesHost).not.toEqual([])
  })
})

test.each(Object.keys(others))('a container that does not, %s, runs commands of operators', async (name) => {
  expect(await run('operator', name)).toMatchObject({ status: 200, body: { stdout: 'hello\n' } })
})

test('a refused command is in the audit', async () => {
  await run('operator', 'etc')
  const { rows } = await all.plane.app.db.audit.list(all.plane.scope, { limit: 3, action: 'containers.exec' })
  expect(rows[0]).toMatchObject({ outcome: 'refused', code: 'PERMISSION_DENIED', actorName: 'operator' })
})

test('the agent refuses by itself what comes without the right', async () => {
  const host = all.host()
  const client = all.plane.app.gateway.for(host.id).engine('fake')
  const [found] = (await client.containers.list({}, { scope: reader() })).filter(({ name }) => name === 'etc')
  const id = found?.id ?? ''
  const attempt = (permissions: string[]) =>
    client.exec.create(
      { id, command: ['sh'] },
      { scope: { actor: 'one', permissions }, operationId: crypto.randomUUID() },
    )
  await expect(attempt(['containers.exec'])).rejects.toMatchObject({ kind: 'access.reachesHost' })
  const opened = await attempt(['containers.exec', 'containers.create.privileged'])
  const attached = async (permissions: string[]) => {
    const items = client.exec.attach({ session: opened.id }, silence(), { scope: { actor: 'one', permissions } })
    for await (const _item of items) return
  }
  await expect(attached(['containers.exec'])).rejects.toMatchObject({ kind: 'access.reachesHost' })
  await attached(['containers.exec', 'containers.create.privileged'])
})

test('the control plane refuses by itself what an older agent lets through', async () => {
  const { gateway } = all.plane.app
  const host = all.host()
  const real = gateway.linkOf(host.id)
  if (real === undefined) throw new Error('the host is away')
  const inspected = await gateway.for(host.id).engine('fake').containers.list({}, { scope: reader() })
  const id = inspected.find(({ name }) => name === 'sysAdmin')?.id ?? ''
  const { reachesHost: _reasons, ...detail } = await gateway
    .for(host.id)
    .engine('fake')
    .containers.inspect({ id }, { scope: reader() })
  let asked = 0
  const create = () => {
    asked += 1
    return Promise.reject(fail('session.notFound'))
  }
  const older = { containers: { inspect: () => Promise.resolve(detail) }, exec: { create } }
  gateway.attach(host.id, await linkTo({}, { fake: older }))
  onTestFinished(() => gateway.attach(host.id, real))
  expect((await run('operator', 'sysAdmin')).body).toMatchObject({ kind: 'access.reachesHost' })
  expect(asked).toBe(0)
  expect((await run('admin', 'sysAdmin')).status).toBe(404)
  expect(asked).toBe(1)
})

const reader = () => ({ actor: 'one', permissions: ['containers.read'] })

async function* silence(): AsyncGenerator<Uint8Array> {
  await new Promise<void>(() => {})
}

describe('a terminal', () => {
  let socket: Socket | undefined
  afterAll(() => socket?.disconnect())

  test('that was opened with the right is not attached to without it', async () => {
    const { key, userId } = await all.plane.person('admin', 'demoted')
    const path = `/containers/${made.get('etc')}/exec-sessions`
    const opened = await all.plane.rest(key, 'POST', path, { command: ['sh'] })
    expect(opened.status).toBe(200)
    await all.plane.app.db.access.setRole(all.plane.scope, userId, 'operator')
    const { cookie } = await all.plane.signIn('demoted@example.org', testPassword)
    socket = io(all.plane.url, {
      ...{ path: '/api/socket.io', transports: ['websocket'], reconnection: false },
      extraHeaders: { cookie, origin: all.plane.url },
    })
    const ends: StreamEnd[] = []
    socket.on('stream.end', (end: StreamEnd) => ends.push(end))
    await until(() => socket?.connected === true, 10_000, 'the connection')
    const input = { container: made.get('etc'), session: String(opened.body['id']) }
    const answer: unknown = await socket
      .timeout(10_000)
      .emitWithAck('stream.open', { kind: 'terminal', stream: 1, input })
    expect(JSON.stringify([answer, ends])).toContain('access.reachesHost')
  })
})
