import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestControlPlane, openControlPlane, testPassword, until } from './testing/open-control-plane.ts'
import { readFile } from 'node:fs/promises'

let plane: TestControlPlane

beforeAll(async () => {
  plane = await openControlPlane()
}, 60_000)

afterAll(() => plane.dispose())

const post = (path: string, body: unknown, cookie?: string) =>
  fetch(`${plane.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: plane.url, ...(cookie === undefined ? {} : { cookie }) },
    body: JSON.stringify(body),
  })

const audit = async () => (await plane.app.db.audit.list(plane.scope, { limit: 200 })).rows

describe('the first owner', () => {
  test('a link is checked by what does not stand in an address, and leaves no row', async () => {
    const token = plane.setupLink?.split('token=')[1]
    const check = async (body: unknown): Promise<unknown> => (await post('/api/trpc/setup.check', body)).json()
    expect(await check({ token })).toEqual({ result: { data: { valid: true } } })
    expect(await check({ token: 'A'.repeat(43) })).toEqual({ result: { data: { valid: false } } })
    const input = encodeURIComponent(JSON.stringify({ token }))
    expect((await fetch(`${plane.url}/api/trpc/setup.check?input=${input}`)).status).toBe(405)
    const state = await fetch(`${plane.url}/api/trpc/setup.state?input=${input}`)
    expect(await state.json()).toEqual({ result: { data: { done: false } } })
    expect(await audit()).toEqual([])
  })

  test('of twenty that use the printed link at once one becomes owner', async () => {
    const link = plane.setupLink ?? ''
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/setup#token=[A-Za-z0-9_-]{43}$/)
    expect((await readFile(`${plane.folder}/control-plane/setup-link`, 'utf8')).trim()).toBe(link)
    const token = link.split('token=')[1]
    const tries = Array.from({ length: 20 }, (_, at) =>
      post('/api/trpc/setup.complete', {
        token,
        name: `n${at}`,
        email: `first${at}@example.org`,
        password: testPassword,
      }),
    )
    const statuses = (await Promise.all(tries)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 403)).toHaveLength(19)
    expect(await plane.app.db.access.listMembers(plane.scope)).toHaveLength(1)
    const rows = (await audit()).filter(({ action }) => action === 'setup.complete')
    expect(rows.map(({ outcome }) => outcome)).toEqual(['succeeded'])
    await until(async () =>
      readFile(`${plane.folder}/control-plane/setup-link`).then(
        () => false,
        () => true,
      ),
    )
  })

  test('then no link works any more, an invented one neither', async () => {
    const again = await post('/api/trpc/setup.complete', {
      token: 'A'.repeat(43),
      name: 'x',
      email: 'x@example.org',
      password: testPassword,
    })
    expect(again.status).toBe(403)
    const fresh = await plane.app.db.setupTokens.issue(plane.scope, 60_000)
    const late = { token: fresh, name: 'x', email: 'x@example.org', password: testPassword }
    expect((await post('/api/trpc/setup.complete', late)).status).toBe(403)
    expect((await audit()).filter(({ action }) => action === 'setup.complete')).toHaveLength(1)
    expect(await plane.app.db.access.listMembers(plane.scope)).toHaveLength(1)
  })
})

describe('sessions', () => {
  test('sign in, who am I, sign out', async () => {
    await plane.person('operator', 'olga')
    const { status, cookie } = await plane.signIn('olga@example.org', testPassword)
    expect(status).toBe(200)
    expect(cookie).toMatch(new RegExp(`^flotilla-${plane.env.instance}\\.session_token=`))
    const me = async () => fetch(`${plane.url}/api/trpc/session.me?input=%7B%7D`, { headers: { cookie } })
    expect(await (await me()).json()).toMatchObject({
      result: { data: { user: { email: 'olga@example.org' }, role: 'operator' } },
    })
    expect((await post('/api/auth/sign-out', {}, cookie)).status).toBe(200)
    expect((await me()).status).toBe(401)
  })

  test('a change of role ends the sessions, and the key has the new rights', async () => {
    const { userId, key } = await plane.person('admin', 'anna')
    const { cookie } = await plane.signIn('anna@example.org', testPassword)
    const people = async (headers: Record<string, string>) =>
      (await fetch(`${plane.url}/api/v1/people`, { headers })).status
    expect(await people({ cookie })).toBe(200)
    await plane.app.db.access.setRole(plane.scope, userId, 'viewer') // as the command line does, in another process
    await until(async () => (await people({ cookie })) === 401, 2000, 'the end of the session')
    expect(await people({ authorization: `Bearer ${key}` })).toBe(403)
  })

  test('a removed person has no key, and a revoked or expired key is nobody', async () => {
    const gone = await plane.person('admin', 'gone')
    const retained = await plane.person('viewer', 'kept')
    const owner = await plane.person('owner', 'boss')
    expect((await plane.rest(owner.key, 'DELETE', `/people/${gone.userId}`)).status).toBe(200)
    expect((await plane.rest(gone.key, 'GET', '/session')).status).toBe(401)
    const expired = await plane.app.db.apiKeys.create(plane.scope, {
      userId: retained.userId,
      name: 'old',
      expiresAt: new Date(Date.now() - 1000),
    })
    expect((await plane.rest(expired.key, 'GET', '/session')).status).toBe(401)
    const { cookie } = await plane.signIn('kept@example.org', testPassword)
    const made = await post('/api/v1/keys', { name: 'mine' }, cookie)
    const mine = (await made.json()) as { key: string; info: { id: string } }
    expect((await plane.rest(mine.key, 'GET', '/session')).status).toBe(200)
    expect((await plane.rest(owner.key, 'DELETE', `/keys/${mine.info.id}`)).status).toBe(404)
    expect((await plane.rest(retained.key, 'DELETE', `/keys/${mine.info.id}`)).status).toBe(200)
    expect((await plane.rest(mine.key, 'GET', '/session')).status).toBe(401)
  })

  test('a key makes no key, so that one that leaked ends in time', async () => {
    const { key, userId } = await plane.person('owner', 'leaky')
    const answer = await plane.rest(key, 'POST', '/keys', { name: 'another' })
    expect([answer.status, answer.body['code']]).toEqual([403, 'PERMISSION_DENIED'])
    expect(await plane.app.db.apiKeys.list(plane.scope, userId)).toHaveLength(1)
  })

  test('an admin can neither make, change nor remove an owner, and the last owner stays', async () => {
    const admin = await plane.person('admin', 'ada')
    const owner = await plane.person('owner', 'otto')
    const change = (key: string, role: string) => plane.rest(key, 'PATCH', `/people/${owner.userId}`, { role })
    expect((await change(admin.key, 'viewer')).status).toBe(403)
    expect((await plane.rest(admin.key, 'DELETE', `/people/${owner.userId}`)).status).toBe(403)
    expect((await plane.rest(admin.key, 'PATCH', `/people/${admin.userId}`, { role: 'owner' })).status).toBe(403)
    const body = { email: 'new@example.org', name: 'n', password: testPassword, role: 'owner' }
    expect((await plane.rest(admin.key, 'POST', '/people', body)).status).toBe(403)
    for (const member of await plane.app.db.access.listMembers(plane.scope)) {
      if (member.role === 'owner' && member.userId !== owner.userId) {
        await plane.app.db.access.setRole(plane.scope, member.userId, 'viewer')
      }
    }
    expect((await change(owner.key, 'viewer')).status).toBe(409)
    expect((await plane.rest(owner.key, 'DELETE', `/people/${owner.userId}`)).status).toBe(409)
  })

  test('guessing is slowed down, for the guesser alone', async () => {
    await plane.person('viewer', 'target')
    const { cookie } = await plane.signIn('target@example.org', testPassword)
    const tries: number[] = []
    for (let at = 0; at < 7; at += 1) tries.push((await plane.signIn('target@example.org', `wrong ${at} wrong`)).status)
    expect(tries).toEqual([401, 401, 401, 401, 401, 429, 429])
    const credentials = { email: 'target@example.org', password: testPassword }
    const unknown = await post('/api/auth/sign-in/email', credentials)
    expect(unknown.status).toBe(429)
    // From here others come as well, so that nobody is locked for long.
    expect(Number(unknown.headers.get('retry-after'))).toBeLessThanOrEqual(5)
    expect((await post('/api/auth/sign-in/email', credentials, cookie)).status).toBe(200)
    expect((await plane.signIn('ada@example.org', testPassword)).status).toBe(200)
    const refusals = (await audit()).filter(
      ({ action, target, outcome }) =>
        action === 'session.sign-in' && target.startsWith('target') && outcome === 'refused',
    )
    expect(refusals).toHaveLength(5)
  })
})

describe('guesses at once', () => {
  test('are as many as one after the other', async () => {
    await plane.person('viewer', 'burst')
    const tries = Array.from({ length: 20 }, (_, at) => plane.signIn('burst@example.org', `wrong ${at} wrong`))
    const statuses = (await Promise.all(tries)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(5)
    expect(statuses.filter((status) => status === 429)).toHaveLength(15)
  })
})

describe('audit', () => {
  test('of what is refused again and again the first twenty are written, then their number', async () => {
    const { key, userId } = await plane.person('viewer', 'patient')
    const tries = Array.from({ length: 60 }, (_, at) => plane.rest(key, 'POST', `/containers/c${at}/start`))
    expect(new Set((await Promise.all(tries)).map(({ status }) => status))).toEqual(new Set([403]))
    const rows = async () => (await audit()).filter(({ actorId }) => actorId === userId)
    expect(await rows()).toHaveLength(20)
    await plane.app.refusals.close()
    const [last, ...others] = await rows()
    expect(last).toMatchObject({ action: 'containers.start', target: '40 more', outcome: 'refused' })
    expect(others).toHaveLength(20)
  })

  test('changes and refusals are written with who, what and outcome; entries cannot be changed', async () => {
    const viewer = await plane.person('viewer', 'vera')
    await plane.rest(viewer.key, 'POST', '/containers/abc/start')
    await plane.rest(viewer.key, 'GET', '/people')
    const rows = (await audit()).filter(({ actorId }) => actorId === viewer.userId)
    expect(rows.map(({ action, target, outcome, code }) => ({ action, target, outcome, code }))).toEqual([
      { action: 'people.list', target: '', outcome: 'refused', code: 'PERMISSION_DENIED' },
      { action: 'containers.start', target: 'abc', outcome: 'refused', code: 'PERMISSION_DENIED' },
    ])
    expect(JSON.stringify(await audit())).not.toContain(testPassword)
    await expect(plane.app.db.prisma.auditEntry.deleteMany()).rejects.toThrow(/append-only/)
    await expect(plane.app.db.prisma.auditEntry.updateMany({ data: { target: 'x' } })).rejects.toThrow(/append-only/)
  })

  test('what is older than the audit is kept goes, of each organisation by itself, and nothing else', async () => {
    const { audit: repo, prisma } = plane.app.db
    const signal = new AbortController().signal
    const [own, scope] = [await audit(), { organisationId: 'another' }]
    const entry = {
      ...{ actorId: null, actorName: 'x'.repeat(5000), action: 'a', hostId: null, outcome: 'failed' as const },
      ...{ code: null, remoteAddress: '', operationId: null },
    }
    for (let at = 0; at < 12; at += 1) await repo.append(scope, { ...entry, target: String(at) })
    const daysAgo = (days: number) => new Date(Date.now() - days * 24 * 3_600_000)
    const old = { ...entry, organisationId: 'aged', actorName: 'x', target: '' }
    await prisma.auditEntry.createMany({ data: [40, 31, 29, 1].map((days) => ({ ...old, at: daysAgo(days) })) })
    expect(await repo.prune({ days: 30, entries: 10 }, AbortSignal.abort())).toBe(0)
    expect(await repo.prune({ days: 30, entries: 10_000 }, signal)).toBe(2)
    expect((await repo.list({ organisationId: 'aged' }, { limit: 10 })).total).toBe(2)
    expect((await repo.list(scope, { limit: 1 })).rows[0]?.actorName).toHaveLength(200)
    await repo.prune({ days: 30, entries: own.length }, signal)
    expect((await audit()).slice(0, own.length)).toEqual(own)
    await repo.prune({ days: 30, entries: 10 }, signal)
    const { rows } = await repo.list(scope, { limit: 100 })
    expect(rows.map(({ target }) => target)).toEqual(['11', '10', '9', '8', '7', '6', '5', '4', '3', '2'])
    await expect(prisma.auditEntry.deleteMany()).rejects.toThrow(/append-only/)
  })
})
