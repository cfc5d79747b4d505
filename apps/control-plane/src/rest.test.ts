import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { linkTo } from './testing/scripted-host.ts'
import { type WithAgent, openWithAgent } from './testing/with-agent.ts'

let all: WithAgent
let key: string
let hostId: string

const call = (method: string, path: string, body?: unknown) => all.plane.rest(key, method, path, body)

beforeAll(async () => {
  all = await openWithAgent()
  key = (await all.plane.person('owner')).key
  hostId = all.host().id
}, 60_000)

afterAll(() => all.dispose())

async function create(name: string, more: Record<string, unknown> = {}): Promise<string> {
  const made = await call('POST', `/hosts/${hostId}/containers`, {
    name,
    image: 'busybox',
    command: ['sh', '-c', 'echo hello; echo oops >&2; sleep infinity'],
    ...more,
  })
  expect(made.text).toContain(name)
  expect(made.status).toBe(200)
  return String(made.body['id'])
}

const stateOf = async (operation: string) => (await call('GET', `/operations/${operation}`)).body['state']

describe('the main job by REST', () => {
  test('hosts, images and a pull that answers when the image is there', async () => {
    expect((await call('GET', '/hosts')).body).toMatchObject([{ id: hostId, state: 'connected', transport: 'socket' }])
    const pulled = await call('POST', `/hosts/${hostId}/images/pull`, { reference: 'alpine:3.20' })
    expect(pulled.body).toMatchObject({ references: ['docker.io/library/alpine:3.20'], hostId, stale: false })
    const images = await call('GET', '/images?search=alpine')
    expect(images.body).toMatchObject({ total: 1, items: [{ id: pulled.body['id'] }] })
    expect((await call('GET', '/images?use=used&search=alpine')).body).toMatchObject({ total: 0 })
    const bySize = (await call('GET', '/images?sort=size&order=desc')).body['items'] as {
      sizeBytes: number
    }[]
    expect(bySize.length).toBeGreaterThan(1)
    expect(bySize.map((each) => each.sizeBytes)).toEqual(bySize.map((each) => each.sizeBytes).sort((a, b) => b - a))
    const removed = await call('DELETE', `/images/${String(pulled.body['id'])}`)
    expect(removed.body).toMatchObject({ untagged: ['docker.io/library/alpine:3.20'] })
    expect((await call('GET', '/images?search=alpine')).body).toMatchObject({ total: 0 })
  })

  test('a container from create to removal; a list right after a change is never older', async () => {
    const id = await create('life')
    expect((await call('GET', '/containers?search=life')).body).toMatchObject({
      total: 1,
      items: [{ id, state: 'created' }],
    })
    expect((await call('POST', `/containers/${id}/start`)).body).toMatchObject({ id, state: 'running' })
    const listed = await call('GET', '/containers?search=life&state=running')
    expect(listed.body).toMatchObject({ total: 1, items: [{ id, state: 'running' }] })
    const detail = await call('GET', `/containers/${id}`)
    expect(detail.body).toMatchObject({
      id,
      state: 'running',
      stale: false,
      detail: { hostname: expect.anything() as unknown },
    })
    expect((await call('POST', `/containers/${id}/pause`)).body).toMatchObject({ state: 'paused' })
    expect((await call('POST', `/containers/${id}/unpause`)).body).toMatchObject({ state: 'running' })
    expect((await call('POST', `/containers/${id}/restart`, { timeoutSeconds: 0 })).body).toMatchObject({ id })
    expect((await call('DELETE', `/containers/${id}`)).status).toBe(409)
    expect((await call('POST', `/containers/${id}/kill`, { signal: 'KILL' })).status).toBe(200)
    expect((await call('POST', `/containers/${id}/stop`)).body).toMatchObject({ state: 'exited' })
    expect((await call('DELETE', `/containers/${id}?force=true`)).body).toEqual({ id })
    expect((await call('GET', '/containers?search=life')).body).toMatchObject({ total: 0 })
    expect((await call('GET', `/containers/${id}`)).status).toBe(404)
  })

  test('one command with both streams and its exit code', async () => {
    const id = await create('command')
    await call('POST', `/containers/${id}/start`)
    const ran = await call('POST', `/containers/${id}/exec`, {
      command: ['sh', '-c', 'echo out; echo err >&2; exit 7'],
    })
    expect(ran.body).toEqual({ stdout: 'out\n', stderr: 'err\n', exitCode: 7, truncated: false })
    const read = await call('POST', `/containers/${id}/exec`, { command: ['cat'], stdin: 'typed' })
    expect(read.body).toMatchObject({ stdout: 'typed', exitCode: 0 })
    expect((await call('GET', `/containers/${id}/exec-sessions`)).body).toEqual([])
  })

  test('logs as NDJSON and as text, and one sample of usage', async () => {
    const id = await create('talker')
    await call('POST', `/containers/${id}/start`)
    const logs = await call('GET', `/containers/${id}/logs?tail=10`)
    expect(logs.headers.get('content-type')).toBe('application/x-ndjson')
    const lines = logs.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { stream: string; text: string })
    expect(lines.map(({ stream, text }) => `${stream} ${text}`).sort()).toEqual(['stderr oops', 'stdout hello'])
    const text = await fetch(`${all.plane.url}/api/v1/containers/${id}/logs?stderr=false`, {
      headers: { authorization: `Bearer ${key}`, accept: 'text/plain' },
    })
    expect(await text.text()).toBe('hello\n')
    const stats = await call('GET', `/containers/${id}/stats?follow=false`)
    expect(JSON.parse(stats.text)).toMatchObject({ memoryBytes: expect.any(Number) as number })
  })

  test('created and started in one call; what cannot start is taken back and leaves its name free', async () => {
    const body = { name: 'at-once', image: 'busybox', start: true, ports: [{ containerPort: 80, hostPort: 18_080 }] }
    const first = await call('POST', `/hosts/${hostId}/containers`, { ...body, operationId: 'run-at-once-1' })
    expect(first.body).toMatchObject({ name: 'at-once', state: 'running' })
    const again = await call('POST', `/hosts/${hostId}/containers`, { ...body, operationId: 'run-at-once-1' })
    expect(again.body['id']).toBe(first.body['id'])
    const volumes = async () => (await call('GET', '/volumes')).body['total']
    const [before, mounts] = [await volumes(), [{ type: 'volume', target: '/data' }]]
    const used = await call('POST', `/hosts/${hostId}/containers`, { ...body, name: 'no-port', mounts })
    expect(used).toMatchObject({ status: 409, body: { code: 'CONFLICT' } })
    expect(await volumes()).toBe(before)
    expect((await call('GET', '/containers?search=no-port')).body).toMatchObject({ total: 0 })
    const mended = await call('POST', `/hosts/${hostId}/containers`, { ...body, name: 'no-port', ports: [] })
    expect(mended.body).toMatchObject({ name: 'no-port', state: 'running' })
  })

  test.each(['networks', 'volumes'])(
    'of %s what is removed stays away, though its creation is repeated',
    async (path) => {
      const body = { name: 'once', operationId: `make-${path}-once` }
      const make = () => call('POST', `/hosts/${hostId}/${path}`, body)
      const named = async () => (await call('GET', `/${path}?search=once`)).body
      const { id } = (await make()).body
      expect(await named()).toMatchObject({ total: 1, items: [{ id }] })
      expect((await call('DELETE', `/${path}/${String(id)}`)).status).toBe(200)
      expect((await make()).status).toBe(200)
      expect(await named()).toMatchObject({ total: 0 })
    },
  )

  test.each(['networks', 'volumes'])('of %s what is made anew stays, though a prune is repeated', async (path) => {
    const make = async () => (await call('POST', `/hosts/${hostId}/${path}`, { name: 'twice' })).body
    const { nativeId } = await make()
    const marks = path === 'volumes' ? { marks: { [String(nativeId)]: 'named' } } : {}
    const body = { ids: [nativeId], ...marks, operationId: `prune-${path}-twice` }
    const prune = () => call('POST', `/hosts/${hostId}/${path}/prune`, body)
    expect((await prune()).body).toMatchObject({ removed: [nativeId] })
    const { id } = await make()
    expect((await prune()).body).toMatchObject({ removed: [nativeId] })
    expect((await call('GET', `/${path}?search=twice`)).body).toMatchObject({ total: 1, items: [{ id }] })
    expect((await call('DELETE', `/${path}/${String(id)}`)).status).toBe(200)
  })

  test('the open ports of a host, with those that its containers publish', async () => {
    const body = { name: 'with-port', image: 'busybox', ports: [{ containerPort: 80, hostPort: 18_082 }] }
    const { id } = (await call('POST', `/hosts/${hostId}/containers`, body)).body
    const { port } = new URL(all.plane.url)
    const answer = (await call('GET', `/hosts/${hostId}/ports`)).body
    expect(answer['published']).toContainEqual(
      expect.objectContaining({ containerId: id, port: expect.objectContaining({ hostPort: 18_082 }) as unknown }),
    )
    expect(answer['held']).toContainEqual(
      expect.objectContaining({ port: Number(port), pid: process.pid, container: null }),
    )
    expect(await call('GET', '/hosts/nowhere/ports')).toMatchObject({ status: 404 })
  })

  test('the same operation id gives the same container', async () => {
    const body = { image: 'busybox', operationId: 'same-operation-1' }
    const first = await call('POST', `/hosts/${hostId}/containers`, body)
    const second = await call('POST', `/hosts/${hostId}/containers`, body)
    expect(second.body['id']).toBe(first.body['id'])
    const listed = await call('GET', '/operations')
    expect(JSON.stringify(listed.body)).toContain('same-operation-1')
  })

  test('what was removed stays away when its create is repeated', async () => {
    const body = { image: 'busybox', name: 'gone-again', operationId: 'gone-again-1' }
    const made = await call('POST', `/hosts/${hostId}/containers`, body)
    expect((await call('DELETE', `/containers/${String(made.body['id'])}`)).status).toBe(200)
    await call('POST', '/containers/at-once/restart', { timeoutSeconds: 0 })
    expect((await call('POST', `/hosts/${hostId}/containers`, body)).body['id']).toBe(made.body['id'])
    expect((await call('GET', '/containers?search=gone-again')).body).toMatchObject({ total: 0 })
  })

  test('one host that says nothing does not keep the operations of the others waiting', async () => {
    const { app, scope } = all.plane
    const desired = { name: 'silent', transport: 'websocket', fingerprint: null, address: null } as const
    const silent = app.index.addHost(await app.db.hosts.create(scope, desired))
    const link = await linkTo({ operations: { list: () => new Promise(() => {}) } })
    app.gateway.attach(silent.id, link)
    app.index.setState(silent.id, 'connected')
    await create('seen-by-its-operation')
    const late = sleep(4000).then(() => 'it waited for the silent host')
    const listed = await Promise.race([call('GET', '/operations'), late])
    expect(JSON.stringify(listed)).toContain('seen-by-its-operation')
    app.gateway.detach(silent.id, link)
    app.index.removeHost(silent.id)
  })

  test('under an idempotency key a command answers, and what cannot start is taken back', async () => {
    const keyed = async (path: string, body: unknown, idempotencyKey: string) => {
      const response = await fetch(`${all.plane.url}/api/v1${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          'idempotency-key': idempotencyKey,
        },
        body: JSON.stringify(body),
      })
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    }
    const id = await create('keyed')
    await call('POST', `/containers/${id}/start`)
    const ran = await keyed(`/containers/${id}/exec`, { command: ['sh', '-c', 'echo once'] }, 'keyed-command-1')
    expect(ran).toMatchObject({ status: 200, body: { stdout: 'once\n', exitCode: 0 } })
    expect((await call('GET', `/containers/${id}/exec-sessions`)).body).toEqual([])
    const ports = [{ containerPort: 80, hostPort: 18_081 }]
    const desired = { image: 'busybox', start: true, ports }
    expect((await call('POST', `/hosts/${hostId}/containers`, { ...desired, name: 'has-port' })).status).toBe(200)
    const used = await keyed(`/hosts/${hostId}/containers`, { ...desired, name: 'wants-port' }, 'keyed-create-1')
    expect(used).toMatchObject({ status: 409, body: { message: expect.stringContaining('18081') as string } })
    expect((await call('GET', '/containers?search=wants-port')).body).toMatchObject({ total: 0 })
  })
})

describe('what the audit says of a change', () => {
  const rowsOf = async (action: string) =>
    (await all.plane.app.db.audit.list(all.plane.scope, { limit: 500, action })).rows

  test('is what was changed, whatever else was sent along', async () => {
    const id = await create('audited')
    const more = new URLSearchParams({ name: 'other\u0000', email: 'other@example.org', hostId: 'other' })
    expect((await call('DELETE', `/containers/${id}?${more.toString()}`, { force: true })).status).toBe(200)
    const [row] = await rowsOf('containers.remove')
    expect(row).toMatchObject({ target: id, hostId: null, outcome: 'succeeded' })
  })

  test('is written also where a name holds what a database does not take', async () => {
    const viewer = await all.plane.person('viewer', 'curious')
    const sent = { name: 'a\u0000b\ud800c\u001b[2K', image: 'busybox' }
    expect((await all.plane.rest(viewer.key, 'POST', '/hosts/some/containers', sent)).status).toBe(403)
    const row = (await rowsOf('containers.create')).find(({ actorId }) => actorId === viewer.userId)
    expect(row).toMatchObject({ target: 'a\ufffdb\ufffdc\ufffd[2K busybox', outcome: 'refused' })
  })
})

describe('names and failures', () => {
  test('platform id, native id, unique prefix and name find it; an ambiguous prefix names the candidates', async () => {
    const id = await create('findme')
    const native = String((await call('GET', `/containers/${id}`)).body['nativeId'])
    for (const ref of [id, id.slice(0, 10), native, native.slice(0, 10), 'findme']) {
      expect((await call('GET', `/containers/${ref}`)).body['id']).toBe(id)
    }
    for (let at = 0; at < 20; at += 1) await create(`many-${at}`)
    const answers = await Promise.all([...'0123456789abcdef'].map((digit) => call('GET', `/containers/${digit}`)))
    const conflict = answers.find(({ status }) => status === 409)
    expect(conflict?.body['code']).toBe('CONFLICT')
    expect(String(conflict?.body['message'])).toMatch(/means several containers: [0-9a-f]{16} \(/)
  })

  test.each(['volumes', 'networks'])('no change of %s takes fewer than twelve digits of an id', async (plural) => {
    const make = async (name: string) => {
      const made = await call('POST', `/hosts/${hostId}/${plural}`, { name })
      expect(made.status).toBe(200)
      return made.body as { id: string; nativeId: string }
    }
    const { id, nativeId } = await make(`precious-${plural}`)
    const short = nativeId.slice(0, 4)
    const remove = async (ref: string) => (await call('DELETE', `/${plural}/${ref}`)).status
    await make(short)
    expect([await remove(short), await remove(short)]).toEqual([200, 404])
    const refs = [id.slice(0, 1), id.slice(0, 11), nativeId.slice(0, 11)]
    for (const ref of refs) expect([ref, await remove(ref)]).toEqual([ref, 404])
    const many = { method: `${plural}.remove`, ids: refs, operationId: `short-${plural}` }
    expect((await call('POST', '/operations', many)).status).toBe(200)
    await expect.poll(() => stateOf(many.operationId)).toBe('failed')
    for (const ref of refs.slice(1)) expect((await call('GET', `/${plural}/${ref}`)).body['id']).toBe(id)
    expect([await remove(id.slice(0, 12)), await remove(id.slice(0, 12))]).toEqual([200, 404])
  })

  test.each([
    ['GET', '/containers/none', undefined, 404, 'NOT_FOUND'],
    ['POST', '/containers/none/start', undefined, 404, 'NOT_FOUND'],
    ['GET', '/nowhere', undefined, 404, 'NOT_FOUND'],
    ['PATCH', '/hosts', undefined, 404, 'NOT_FOUND'],
    ['GET', '/containers?limit=0', undefined, 400, 'INVALID_ARGUMENT'],
    ['GET', '/containers?cursor=rubbish', undefined, 400, 'INVALID_ARGUMENT'],
    ['POST', '/hosts/none/containers', { image: 'busybox' }, 404, 'NOT_FOUND'],
    ['POST', '/hosts/none/images/pull', { reference: 'UPPER CASE' }, 404, 'NOT_FOUND'],
    ['GET', '/containers/%zz', undefined, 400, 'INVALID_ARGUMENT'],
    // What no database can look for or hold.
    ['DELETE', '/people/%00', undefined, 400, 'INVALID_ARGUMENT'],
    ['DELETE', '/keys/a%00', undefined, 400, 'INVALID_ARGUMENT'],
    ['GET', '/audit?action=%00', undefined, 400, 'INVALID_ARGUMENT'],
    ['GET', '/audit?actorId=%00', undefined, 400, 'INVALID_ARGUMENT'],
    ['GET', '/hosts/join-tokens/%00', undefined, 400, 'INVALID_ARGUMENT'],
    ['POST', '/keys', { name: 'a\0' }, 400, 'INVALID_ARGUMENT'],
    ['POST', '/operations', { method: 'containers.start', ids: ['a\0'] }, 400, 'INVALID_ARGUMENT'],
    ['POST', '/operations', { method: 'containers.start', ids: ['a\ud800'] }, 400, 'INVALID_ARGUMENT'],
    ['POST', '/operations', { method: 'containers.start', ids: ['a'], names: { a: '\0' } }, 400, 'INVALID_ARGUMENT'],
    ['POST', '/operations', { method: 'images.pull', hostIds: ['a\0'], reference: 'busybox' }, 400, 'INVALID_ARGUMENT'],
    ['GET', '/operations?hostId=%00', undefined, 404, 'NOT_FOUND'],
    [
      'POST',
      '/people',
      { name: 'a\0', email: 'a@b.example', password: 'long enough', role: 'viewer' },
      400,
      'INVALID_ARGUMENT',
    ],
  ])('%s %s answers its code', async (method, path, body, status, code) => {
    const answer = await call(method, path, body)
    expect([answer.status, answer.body['code']]).toEqual([status, code])
    expect(answer.body['message']).toMatch(/\w.*\.$/)
  })

  test('a body that is no JSON, and one that is too large', async () => {
    const send = (body: string, type = 'application/json') =>
      fetch(`${all.plane.url}/api/v1/hosts/${hostId}/containers`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': type },
        body,
      })
    expect((await send('{')).status).toBe(400)
    expect((await send('a=b', 'application/x-www-form-urlencoded')).status).toBe(400)
    expect((await send(`"${'x'.repeat(5 * 1024 * 1024)}"`)).status).toBe(429)
  })

  test('the document has every route, the streaming ones too', async () => {
    const document = (await (await fetch(`${all.plane.url}/api/v1/openapi.json`)).json()) as {
      openapi: string
      paths: Record<string, Record<string, unknown>>
    }
    expect(document.openapi).toBe('3.1.0')
    const has = (method: string, path: string) => document.paths[path]?.[method] !== undefined
    for (const [method, path] of [
      ['get', '/hosts'],
      ['get', '/containers'],
      ['post', '/hosts/{hostId}/containers'],
      ['get', '/containers/{id}'],
      ['delete', '/containers/{id}'],
      ['post', '/containers/{id}/exec'],
      ['get', '/containers/{id}/logs'],
      ['get', '/containers/{id}/stats'],
      ['get', '/images'],
      ['delete', '/images/{id}'],
      ['post', '/hosts/{hostId}/images/pull'],
      ...['start', 'stop', 'kill', 'restart', 'pause', 'unpause'].map((verb) => ['post', `/containers/{id}/${verb}`]),
    ] as [string, string][]) {
      expect([method, path, has(method, path)]).toEqual([method, path, true])
    }
  })
})
