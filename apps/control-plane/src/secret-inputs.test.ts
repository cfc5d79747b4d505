import { listProcedures } from '@flotilla/api'
import { createLogger } from '@flotilla/log'
import { marker, markedInput } from '@flotilla/testkit/secret-inputs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWithAgent, type WithAgent } from './testing/with-agent.ts'

// Every procedure is walked: what its input's shape marks as a secret stands in no table of the database and in no line of the
// log, whether the call is refused, fails or succeeds.

let logged = ''
let all: WithAgent
let keys: { owner: string; viewer: string }

beforeAll(async () => {
  all = await openWithAgent({ log: createLogger('test', 'trace', { write: (line) => (logged += line) }) })
  keys = { owner: (await all.plane.person('owner')).key, viewer: (await all.plane.person('viewer')).key }
}, 60_000)

afterAll(() => all?.dispose()) // not there where the beginning failed

const marked = () =>
  listProcedures(all.plane.api.router).flatMap(({ name, input: shape }) => {
    const input = markedInput(shape)
    return input === undefined ? [] : [{ name, input }]
  })

/** As the dashboard calls it; whatever it comes to. */
async function call(name: string, input: object, key: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${all.plane.url}/api/trpc/${name}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', origin: all.plane.url },
    body: JSON.stringify(input),
  })
  return { status: response.status, text: await response.text() }
}

/** Every row of every table, as text. */
async function database(): Promise<string> {
  const { prisma } = all.plane.app.db
  const tables = await prisma.$queryRaw<{ name: string }[]>`
    SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`
  const rows = await Promise.all(
    tables.map(({ name }) => prisma.$queryRawUnsafe<{ row: string }[]>(`SELECT t::text AS row FROM "${name}" t`)),
  )
  return rows.flatMap((each) => each.map(({ row }) => row)).join('\n')
}

test('what is marked stands nowhere, whoever sent it and whatever came of it', async () => {
  const procedures = marked()
  expect(procedures.map(({ name }) => name).sort()).toEqual([
    ...['hosts.addSsh', 'images.pull', 'operations.bulk', 'people.create', 'setup.check', 'setup.complete'],
    'volumeFiles.writeText',
  ])
  for (const { name, input } of procedures) {
    // A key makes no owners.
    const role = 'role' in input ? { role: 'viewer' } : {}
    const sent = { ...input, ...role, ...('hostId' in input ? { hostId: all.host().id } : {}) }
    // A viewer is refused before the input is looked at, and the audit reads what they sent.
    expect((await call(name, { ...sent, id: 'refused', name: 'refused' }, keys.viewer)).text).not.toContain(marker)
    expect((await call(name, sent, keys.owner)).text).not.toContain(marker)
  }
  const { items } = await all.plane.rest(keys.owner, 'GET', '/audit').then(({ body }) => body as { items: object[] })
  expect(items).toContainEqual(expect.objectContaining({ action: 'people.create', outcome: 'succeeded' }))
  expect(items).toContainEqual(expect.objectContaining({ action: 'volumeFiles.writeText', outcome: 'refused' }))
  expect(await database()).not.toContain(marker)
  expect(logged).not.toContain(marker)
})

test('an operation over several hosts keeps no password', async () => {
  const credentials = { username: 'ann', password: marker }
  const input = { method: 'images.pull', hostIds: [all.host().id], reference: 'nginx:latest', credentials }
  const answer = await all.plane.rest(keys.owner, 'POST', '/operations', input)
  expect([answer.status, answer.text.includes(marker)]).toEqual([200, false])
  const rows = await database()
  expect(rows).toContain('images.pull')
  expect(rows).not.toContain(marker)
  expect(logged).not.toContain(marker)
})

test('the OpenAPI document says what is only written', async () => {
  const { text } = await all.plane.rest(keys.owner, 'GET', '/openapi.json')
  expect(text).toContain('"writeOnly":true')
})
