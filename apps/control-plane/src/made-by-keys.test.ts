import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestControlPlane, openControlPlane, testPassword } from './testing/open-control-plane.ts'

// A key that leaked may have made people, their keys and join tokens: they are listed where it is revoked, and may go along.

let plane: TestControlPlane
let owner: Awaited<ReturnType<TestControlPlane['person']>>
let count = 0

beforeAll(async () => {
  plane = await openControlPlane()
  owner = await plane.person('owner')
}, 60_000)
afterAll(() => plane.dispose())

interface Made {
  people: { userId: string; email: string }[]
  keys: { id: string; owner: string }[]
  tokens: { id: string }[]
  hiddenPeople: number
}

/** A key of a person who signed in. */
async function keyOf(email: string): Promise<{ key: string; id: string }> {
  const { cookie } = await plane.signIn(email, testPassword)
  const made = await fetch(`${plane.url}/api/v1/keys`, {
    method: 'POST',
    headers: { cookie, origin: plane.url, 'content-type': 'application/json' },
    body: JSON.stringify({ name: `key ${++count}` }),
  })
  expect(made.status).toBe(200)
  const { key, info } = (await made.json()) as { key: string; info: { id: string } }
  return { key, id: info.id }
}

async function personBy(key: string, role = 'admin'): Promise<string> {
  const email = `made${++count}@example.org`
  const made = await plane.rest(key, 'POST', '/people', { email, name: 'made', password: testPassword, role })
  expect([made.status, made.text]).toEqual([200, made.text])
  return email
}

async function tokenBy(key: string): Promise<string> {
  const made = await plane.rest(key, 'POST', '/hosts/join-tokens', {})
  expect(made.status).toBe(200)
  return String(made.body['id'])
}

/** A key, and what came of it over two people: four people, three keys, three tokens. */
async function chain() {
  const leaked = await keyOf('owner@example.org')
  const first = await personBy(leaked.key)
  const second = await keyOf(first)
  const third = await personBy(second.key, 'operator')
  const fourth = await personBy(second.key)
  const last = await keyOf(fourth)
  const tokens = [await tokenBy(leaked.key), await tokenBy(second.key), await tokenBy(last.key)]
  const ofLast = await personBy(last.key, 'viewer')
  return { leaked, second, last, people: [first, third, fourth, ofLast], tokens }
}

const made = async (id: string, key = owner.key) =>
  (await plane.rest(key, 'GET', `/keys/${id}/made`)).body as unknown as Made
const emails = ({ people }: Made) => people.map(({ email }) => email).sort()
const members = async () => (await plane.app.db.access.listMembers(plane.scope)).map(({ email }) => email)
const works = async (key: string) => (await plane.rest(key, 'GET', '/session')).status === 200

/** A chain signs in four times, and passwords are slow to look at. */
describe('what a key made', { timeout: 60_000 }, () => {
  test('is listed with what came of it, and with nothing else', async () => {
    const beside = await keyOf('owner@example.org')
    const others = [await personBy(beside.key), await personBy(owner.key)]
    const { leaked, second, last, people, tokens } = await chain()
    const found = await made(leaked.id)
    expect(emails(found)).toEqual([...people].sort())
    expect(found.keys.map(({ id }) => id).sort()).toEqual([second.id, last.id].sort())
    expect(found.tokens.map(({ id }) => id).sort()).toEqual([...tokens].sort())
    expect(emails(await made(beside.id))).toEqual([others[0]])
    expect(emails(await made(second.id, (await keyOf(people[0] ?? '')).key))).toEqual(people.slice(1).sort())
  })

  test('stays where nobody asks for more, and the answer lists it', async () => {
    const { leaked, second, people } = await chain()
    const answer = await plane.rest(owner.key, 'DELETE', `/keys/${leaked.id}`)
    expect(answer.body['removed']).toBe(false)
    expect(emails(answer.body['made'] as Made)).toEqual([...people].sort())
    expect(await members()).toEqual(expect.arrayContaining(people))
    expect([await works(leaked.key), await works(second.key)]).toEqual([false, true])
  })

  test('goes along where that is asked for, with what came of it, and the audit says so', async () => {
    const beside = await personBy(owner.key)
    const { leaked, second, last, people, tokens } = await chain()
    const answer = await plane.rest(owner.key, 'DELETE', `/keys/${leaked.id}?made=true`)
    expect([answer.status, answer.body['removed']]).toEqual([200, true])
    expect(emails(answer.body['made'] as Made)).toEqual([...people].sort())
    for (const { key } of [leaked, second, last]) expect(await works(key)).toBe(false)
    const left = await members()
    for (const email of people) expect(left).not.toContain(email)
    expect(left).toContain(beside)
    expect((await plane.signIn(people[0] ?? '', testPassword)).status).toBe(401)
    for (const id of tokens) expect(await plane.app.db.joinTokens.peek(id)).toBeNull()
    const { rows } = await plane.app.db.audit.list(plane.scope, { limit: 30 })
    const removed = rows.filter(({ action }) => action === 'people.remove').map(({ target }) => target)
    expect(removed.sort()).toEqual([...people].sort())
  })

  test('is found also where one in the middle was removed before', async () => {
    const { leaked, people } = await chain()
    const { people: found } = await made(leaked.id)
    const first = found.find(({ email }) => email === people[0])
    expect((await plane.rest(owner.key, 'DELETE', `/people/${first?.userId}`)).status).toBe(200)
    expect(emails(await made(leaked.id))).toEqual(people.slice(1).sort())
  })

  test('counts a key that the command line gave to a person whom it made', async () => {
    const { leaked, people } = await chain()
    const third = (await made(leaked.id)).people.find(({ email }) => email === people[1])
    const userId = third?.userId ?? ''
    const { key, info } = await plane.app.db.apiKeys.create(plane.scope, { userId, name: 'cli', expiresAt: null })
    expect((await made(leaked.id)).keys.map(({ id }) => id)).toContain(info.id)
    await plane.rest(owner.key, 'DELETE', `/keys/${leaked.id}?made=true`)
    expect(await works(key)).toBe(false)
  })

  test('goes all of it or nothing: not where no owner would be left', async () => {
    const { leaked, people } = await chain()
    const [first] = (await made(leaked.id)).people.filter(({ email }) => email === people[0])
    await plane.app.db.access.setRole(plane.scope, first?.userId ?? '', 'owner')
    await plane.app.db.access.setRole(plane.scope, owner.userId, 'admin')
    plane.app.accessChanged()
    const refused = await plane.rest(owner.key, 'DELETE', `/keys/${leaked.id}?made=true`)
    expect([refused.status, refused.body['kind']]).toEqual([403, 'access.ownersOnly'])
    expect(await works(leaked.key)).toBe(true)
    expect(await members()).toEqual(expect.arrayContaining(people))
    await expect(plane.app.db.apiKeys.revoke(plane.scope, owner.userId, leaked.id, () => {})).rejects.toMatchObject({
      kind: 'access.lastOwner',
    })
    expect(await works(leaked.key)).toBe(true)
    expect(await members()).toEqual(expect.arrayContaining(people))
    await plane.app.db.access.setRole(plane.scope, owner.userId, 'owner')
  })

  test('takes the right to remove each, shows no people to who may not see them, and is nobody else’s to ask', async () => {
    const admin = await plane.person('admin', `admin${++count}`)
    const leaked = await keyOf(`admin${count}@example.org`)
    const made1 = await personBy(leaked.key, 'viewer')
    expect((await plane.rest(owner.key, 'GET', `/keys/${leaked.id}/made`)).status).toBe(404)
    expect((await plane.rest(owner.key, 'DELETE', `/keys/${leaked.id}?made=true`)).status).toBe(404)
    await plane.app.db.access.setRole(plane.scope, admin.userId, 'viewer')
    expect(await made(leaked.id, admin.key)).toMatchObject({ people: [], hiddenPeople: 1 })
    expect((await plane.rest(admin.key, 'DELETE', `/keys/${leaked.id}?made=true`)).status).toBe(403)
    expect(await works(leaked.key)).toBe(true)
    expect((await plane.rest(admin.key, 'DELETE', `/keys/${leaked.id}`)).status).toBe(200)
    expect(await members()).toContain(made1)
  })

  test('is nothing more once the key is revoked, however close together they come', async () => {
    const leaked = await keyOf('owner@example.org')
    const making = Array.from({ length: 6 }, (_, at) =>
      plane.rest(leaked.key, 'POST', '/people', {
        ...{ email: `race${at}@example.org`, name: 'r', password: testPassword, role: 'viewer' },
      }),
    )
    const revoked = await plane.rest(owner.key, 'DELETE', `/keys/${leaked.id}?made=true`)
    expect(revoked.status).toBe(200)
    await Promise.all(making)
    expect((await members()).filter((email) => email.startsWith('race'))).toEqual([])
  })
})
