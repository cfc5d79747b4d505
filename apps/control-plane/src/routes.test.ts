import http from 'node:http'
import net from 'node:net'
import {
  type Access,
  createRestApi,
  createRouter,
  listProcedures as proceduresOf,
  streamingRoutes,
  unaryRoutes as routesOf,
} from '@flotilla/api'
import { Permission, Role, liveEvents, rolePermissions } from '@flotilla/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { streamAccess } from './live/open-stream.ts'
import { until } from './testing/open-control-plane.ts'
import { type WithAgent, openWithAgent } from './testing/with-agent.ts'

let all: WithAgent
const router = createRouter()
const listProcedures = () => proceduresOf(router)
const unaryRoutes = routesOf(router)

const keys = new Map<Role, string>()
const known: Record<string, string> = {}

beforeAll(async () => {
  all = await openWithAgent()
  for (const role of Role.options) keys.set(role, (await all.plane.person(role)).key)
  const [container] = all.host().rows('container').keys()
  const [image] = all.host().rows('image').keys()
  const made = async (path: string) => {
    const route = `/hosts/${all.host().id}/${path}`
    return String((await all.plane.rest(keys.get('owner') ?? '', 'POST', route, { name: 'known' })).body['id'])
  }
  const [volume, network] = [await made('volumes'), await made('networks')]
  Object.assign(known, { hostId: all.host().id, container, image, volume, network })
}, 60_000)

afterAll(() => all.dispose())

const declared: ReadonlySet<string> = new Set([...Permission.options, 'public', 'signed-in'])

describe('inventory', () => {
  test('every procedure and route declares its right', () => {
    const procedures = listProcedures()
    expect(procedures.length).toBeGreaterThan(30)
    for (const { name, meta } of procedures) expect([name, declared.has(meta?.access ?? 'none')]).toEqual([name, true])
    for (const route of streamingRoutes) expect(declared.has(route.access)).toBe(true)
  })

  test('what is public is this and nothing else', () => {
    const open = listProcedures().filter(({ meta }) => meta?.access === 'public')
    expect(open.map(({ name }) => name).sort()).toEqual(['setup.check', 'setup.complete', 'setup.state'])
    expect(all.plane.routes.map(({ methods, path, access }) => `${methods.join()} ${path} ${access}`)).toEqual([
      'GET,HEAD /healthz public',
      'GET /api/v1/openapi.json public',
      'GET,POST,PATCH,PUT,DELETE /api/v1/* by-procedure',
      'GET,POST /api/trpc/* by-procedure',
      'POST /api/auth/sign-in/email public',
      'POST /api/auth/sign-out public',
      'GET /api/auth/get-session public',
      'POST /api/csp-report public',
      'GET,HEAD /* public',
    ])
    expect(all.plane.upgrades.map(({ path, access, from }) => `${path} ${access} ${from}`)).toEqual([
      '/api/socket.io signed-in browser',
      '/api/agent agent-key program',
    ])
  })

  test('every unary procedure but the set-up is REST', () => {
    const inRest = new Set(unaryRoutes.map(({ procedure }) => procedure))
    const missing = listProcedures().filter(({ name }) => !inRest.has(name))
    expect(missing.map(({ name }) => name).sort()).toEqual(['setup.check', 'setup.complete', 'setup.state'])
  })

  test('every kind of stream has its right, and the socket has no events beyond the protocol', () => {
    for (const access of Object.values(streamAccess)) expect(declared).toContain(access)
    expect(Object.values(liveEvents).sort()).toEqual([
      'fleet',
      'stream.ack',
      'stream.close',
      'stream.data',
      'stream.end',
      'stream.input',
      'stream.open',
    ])
  })

  test('one request holds twenty calls at most', async () => {
    const batch = (calls: number) => {
      const names = Array.from({ length: calls }, () => 'setup.state').join(',')
      const input = JSON.stringify(Object.fromEntries(Array.from({ length: calls }, (_, at) => [at, {}])))
      return fetch(`${all.plane.url}/api/trpc/${names}?batch=1&input=${encodeURIComponent(input)}`)
    }
    expect((await batch(20)).status).toBe(200)
    expect((await batch(21)).status).toBe(400)
  })

  test('routes of better-auth that are not mounted are not there', async () => {
    for (const path of ['sign-up/email', 'list-sessions', 'change-email', 'delete-user', 'ok', 'error']) {
      const response = await fetch(`${all.plane.url}/api/auth/${path}`, { method: 'GET' })
      expect([path, response.status]).toEqual([path, 404])
    }
    const signUp = await fetch(`${all.plane.url}/api/auth/sign-up/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'a@b.org', password: 'long enough one', name: 'a' }),
    })
    expect(signUp.status).toBe(404)
  })
})

/** What a route's parameters are filled with: an object that is there, or one that is not. */
function pathFor(path: string, exists: boolean): string {
  const object = path.startsWith('/images')
    ? known['image']
    : path.startsWith('/hosts/{id}')
      ? known['hostId']
      : path.startsWith('/volumes')
        ? known['volume']
        : path.startsWith('/networks')
          ? known['network']
          : known['container']
  return path
    .replace('{hostId}', exists ? (known['hostId'] ?? '') : 'unknown')
    .replace('{id}', exists ? (object ?? '') : 'unknown')
    .replace('{session}', 'unknown')
    .replace('{userId}', 'unknown')
}

const routes: { method: string; path: string; access: Access; input: object }[] = [
  ...unaryRoutes.map(({ method, path, access, input }) => ({ method, path, access, input })),
  ...streamingRoutes.map(({ method, path, access, input }) => ({
    method,
    path: `${path}?follow=false`,
    access,
    input,
  })),
]

/** What is asked of one volume or network, or of those of a host; the bytes of files too. */
const objectRoutes = [...routes, ...createRestApi(router).bytes].filter(
  ({ path }) => /^\/(hosts\/\{hostId\}\/)?(volumes|networks)/.test(path) && path.includes('{'),
)

describe('matrix of route, role and object', () => {
  test.each(routes)('$method $path', async ({ method, path, access }) => {
    for (const exists of [true, false]) {
      const url = pathFor(path, exists)
      const body = method === 'GET' || method === 'DELETE' ? undefined : {}
      expect((await all.plane.rest(null, method, url, body)).status).toBe(401)
      expect((await all.plane.rest('flk_wrong', method, url, body)).status).toBe(401)
      for (const role of Role.options) {
        const allowed = access === 'signed-in' || (access !== 'public' && rolePermissions[role].has(access))
        // What would change the known objects is tried with those who may not alone; the others get an unknown one.
        if (allowed && exists && method !== 'GET') continue
        const answer = await all.plane.rest(keys.get(role) ?? '', method, url, body)
        const got = answer.status === 403 ? 'refused' : 'let in'
        expect([role, exists, got]).toEqual([role, exists, allowed ? 'let in' : 'refused'])
        if (!allowed) expect(answer.body).toMatchObject({ code: 'PERMISSION_DENIED' })
      }
    }
  })

  test('each refusal of a change has its audit row, with who and why', async () => {
    const { rows } = await all.plane.app.db.audit.list(all.plane.scope, { limit: 5000 })
    const refused = new Set(
      rows.flatMap(({ action, outcome, code }) => (outcome === 'refused' ? [`${action} ${code}`] : [])),
    )
    const changes = unaryRoutes.filter(
      ({ method, access }) => method !== 'GET' && declared.has(access) && Permission.safeParse(access).success,
    )
    expect(changes.length).toBeGreaterThan(15)
    for (const { procedure, access } of changes) {
      const everybodyMay = Role.options.every((role) => rolePermissions[role].has(Permission.parse(access)))
      if (!everybodyMay) expect([...refused]).toContain(`${procedure} PERMISSION_DENIED`)
    }
    for (const { actorId, action, outcome } of rows)
      if (outcome === 'refused') expect([action, actorId]).not.toEqual([action, null])
  })

  test('a refusal is the same for an object that is there and one that is not', async () => {
    const viewer = keys.get('viewer') ?? ''
    const there = await all.plane.rest(viewer, 'POST', `/containers/${known['container']}/start`)
    const absent = await all.plane.rest(viewer, 'POST', '/containers/unknown/start')
    expect(there.text).toBe(absent.text)
  })

  test('an object of another organisation is one that does not exist', async () => {
    const { db } = all.plane.app
    await db.prisma.organisation.create({ data: { id: 'other', name: 'Other' } })
    const passwordHash = 'none'
    const stranger = await db.access.createPerson(
      { organisationId: 'other' },
      { email: 'stranger@example.org', name: 'stranger', passwordHash, role: 'owner' },
    )
    const { key } = await db.apiKeys.create(
      { organisationId: 'other' },
      { userId: stranger.userId, name: 'k', expiresAt: null },
    )
    for (const [method, path] of [
      ['GET', `/containers/${known['container']}`],
      ['POST', `/containers/${known['container']}/stop`],
      ['DELETE', `/containers/${known['container']}`],
      ['GET', `/containers/${known['container']}/logs`],
      ['GET', `/images/${encodeURIComponent(known['image'] ?? '')}`],
      ...objectRoutes.map(({ method, path }) => [method, pathFor(path, true)] as const),
      ['GET', `/hosts/${known['hostId']}`],
      ['DELETE', `/hosts/${known['hostId']}`],
    ] as const) {
      const body = {
        path: 'a',
        to: 'b',
        name: 'c',
        container: known['container'],
        text: '',
        expected: null,
        ids: ['d'],
      }
      const at = new URL(path, all.plane.url).pathname.split('/')
      const route = objectRoutes.find((one) => one.method === method && matches(one.path, at))
      const fields = Object.keys((route?.input as { shape?: object } | undefined)?.shape ?? {})
      const sent = Object.fromEntries(Object.entries(body).filter(([name]) => fields.includes(name)))
      const asked = `${path}${path.includes('?') ? '&' : '?'}path=a`
      const isBytes = path.endsWith('/content')
      const { status } = await fetch(`${all.plane.url}/api/v1${asked}`, {
        method,
        headers: {
          ...{ authorization: `Bearer ${key}` },
          'content-type': isBytes ? 'application/octet-stream' : 'application/json',
        },
        ...(method === 'GET' ? {} : { body: isBytes ? 'bytes' : JSON.stringify(sent) }),
      })
      expect([method, path, status]).toEqual([method, path, 404])
    }
    const mount = { mounts: [{ type: 'volume', source: 'known', target: '/v' }], image: 'busybox' }
    const made = await all.plane.rest(key, 'POST', `/hosts/${known['hostId']}/containers`, mount)
    expect(made.status).toBe(404)
    expect((await all.plane.rest(key, 'GET', '/containers')).body).toMatchObject({ total: 0, counts: {} })
    expect((await all.plane.rest(key, 'GET', '/hosts')).body).toEqual([])
    const own = (await all.plane.rest(key, 'GET', '/audit')).body['items'] as { actorName: string }[]
    expect(new Set(own.map(({ actorName }) => actorName))).toEqual(new Set(['stranger']))
  })
})

describe('privileged options', () => {
  const privileged: Record<string, unknown>[] = [
    { mounts: [{ type: 'bind', source: '/etc', target: '/host' }] },
    { devices: [{ hostPath: '/dev/kvm', containerPath: '/dev/kvm' }] },
    { capAdd: ['SYS_ADMIN'] },
    { seccomp: 'unconfined' },
    { maskedPaths: 'none' },
    { network: 'host' },
    { pidNamespace: 'host' },
  ]
  test.each(privileged)('%j is for owner and admin alone', async (option) => {
    const path = `/hosts/${known['hostId']}/containers`
    const body = { image: 'busybox', ...option }
    const operator = await all.plane.rest(keys.get('operator') ?? '', 'POST', path, body)
    expect([operator.status, operator.body['code']]).toEqual([403, 'PERMISSION_DENIED'])
    expect((await all.plane.rest(keys.get('admin') ?? '', 'POST', path, body)).status).not.toBe(403)
  })
})

describe('names and origins', () => {
  const ask = (headers: Record<string, string>, method = 'GET', path = '/healthz') =>
    new Promise<number>((resolve, reject) => {
      const request = http.request(`${all.plane.url}${path}`, { method, headers }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      request.once('error', reject)
      request.end()
    })

  test('a name that is not ours is refused', async () => {
    expect(await ask({})).toBe(200)
    expect(await ask({ host: `localhost:${all.plane.port}` })).toBe(200)
    expect(await ask({ host: 'evil.example' })).toBe(403)
    expect(await ask({ host: `evil.example:${all.plane.port}` })).toBe(403)
  })

  test('pages of other sites are refused, also without an origin where a cookie comes along', async () => {
    expect(await ask({ origin: all.plane.url })).toBe(200)
    expect(await ask({ origin: 'https://evil.example' })).toBe(403)
    expect(await ask({ origin: 'null' })).toBe(403)
    expect(await ask({ cookie: 'a=b' }, 'POST', '/api/auth/sign-out')).toBe(403)
    expect(await ask({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).toBe(403)
    expect(await ask({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 'GET', '/')).not.toBe(403)
  })

  const upgrade = (path: string, headers: Record<string, string>) =>
    new Promise<number>((resolve, reject) => {
      const request = http.request(`${all.plane.url}${path}`, {
        headers: {
          connection: 'Upgrade',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
          ...headers,
        },
      })
      request.once('upgrade', (_response, socket) => {
        socket.destroy()
        resolve(101)
      })
      request.once('response', (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      request.once('error', reject)
      request.end()
    })

  test('upgrades: the socket of a page needs our origin and a session, an agent must have no origin', async () => {
    const live = '/api/socket.io/?EIO=4&transport=websocket'
    expect(await upgrade(live, {})).toBe(403)
    expect(await upgrade(live, { origin: 'https://evil.example' })).toBe(403)
    expect(await upgrade(live, { origin: all.plane.url })).toBe(401)
    expect(await upgrade(live, { origin: all.plane.url, authorization: `Bearer ${keys.get('owner')}` })).toBe(401)
    const { cookie } = await all.plane.signIn('viewer@example.org', 'correct horse battery')
    expect(await upgrade(live, { cookie })).toBe(403)
    expect(await upgrade(live, { origin: all.plane.url, cookie })).toBe(101)
    expect(await upgrade('/api/agent', { origin: all.plane.url })).toBe(403)
    expect(await upgrade('/api/agent', {})).toBe(403)
    expect(await upgrade('/api/agent', { 'x-flotilla-agent': 'a'.repeat(64) })).toBe(403)
    expect(await upgrade('/elsewhere', {})).toBe(404)
  })

  test.each([
    ['no route', 'GET /elsewhere HTTP/1.1', '404 NOT_FOUND'],
    ['a page of nobody', `GET /api/socket.io/?EIO=4&transport=websocket HTTP/1.1`, '403 PERMISSION_DENIED'],
    ['an unknown agent', 'GET /api/agent HTTP/1.1', '403 Forbidden'],
    ['what is no request', 'HELLO', '400 Bad Request'],
  ])('who is refused at %s is given up, also where they do not hang up', async (_route, line, status) => {
    const socket = net.connect({ host: '127.0.0.1', port: all.plane.port, allowHalfOpen: true })
    let answer = ''
    let gone = false
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
    socket.on('error', () => (gone = true)) // how writing to a connection that the server gave up ends
    const names = `Host: localhost:${all.plane.port}\r\nConnection: Upgrade\r\nUpgrade: websocket`
    socket.write(`${line}\r\n${names}\r\n\r\n`)
    await until(() => {
      if (answer !== '') socket.write('x')
      return gone
    })
    socket.destroy()
    expect(answer).toContain(`HTTP/1.1 ${status}`)
  })
})

/** Whether a path with its parameters filled in is of a route. */
function matches(route: string, at: readonly string[]): boolean {
  const parts = route.split('/')
  return parts.length === at.length && parts.every((part, index) => part.startsWith('{') || part === at[index])
}
