import type { ObjectFacts } from '@flotilla/auth'
import type { FleetChanges, FleetContainer, FleetOperation } from '@flotilla/protocol'
import { type Socket, io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hidingPolicy } from './testing/hiding.ts'
import { testPassword, until } from './testing/open-control-plane.ts'
import { openWithAgent, type WithAgent } from './testing/with-agent.ts'

// What is labelled so is hidden from everybody but owners. Before it is there nobody can tell that it will be: who started its
// making knows of it, and nobody else who does not see everything.

const isHidden = ({ labels }: ObjectFacts) => labels?.['audience'] === 'owners'
const policy = hidingPolicy(isHidden)

type Who = 'owner' | 'first' | 'second'
const tabs: Record<Who, { key: string; socket: Socket | null; fleet: FleetChanges[] }> = {
  owner: { key: '', socket: null, fleet: [] },
  first: { key: '', socket: null, fleet: [] },
  second: { key: '', socket: null, fleet: [] },
}
let all: WithAgent

beforeAll(async () => {
  all = await openWithAgent({ policy, containers: 2, layerMs: 300 })
  for (const [name, tab] of Object.entries(tabs)) {
    const { key } = await all.plane.person(name === 'owner' ? 'owner' : 'operator', name)
    const { cookie } = await all.plane.signIn(`${name}@example.org`, testPassword)
    tab.key = key
    tab.socket = io(all.plane.url, {
      ...{ path: '/api/socket.io', transports: ['websocket'], reconnection: false },
      extraHeaders: { cookie, origin: all.plane.url },
    })
    tab.socket.on('fleet', (changes: FleetChanges) => tab.fleet.push(changes))
    await until(() => tab.fleet.length > 0, 5000, 'the first message')
  }
}, 60_000)

afterAll(async () => {
  for (const { socket } of Object.values(tabs)) socket?.disconnect()
  await all?.dispose() // not there where the beginning failed
})

const ask = (who: Who, method: string, path: string, body?: object) => all.plane.rest(tabs[who].key, method, path, body)

/** All that somebody can read now and has heard: everything that is listed, the overview, and the feed. */
async function heard(who: Who): Promise<string> {
  const paths = [
    '/operations',
    `/operations?hostId=${all.host().id}`,
    '/overview',
    '/containers',
    '/images',
    '/volumes',
  ]
  const answers = await Promise.all(paths.map((path) => ask(who, 'GET', path)))
  return JSON.stringify([answers.map(({ text }) => text), tabs[who].fleet])
}

/** The operation of that id, as the feed has told somebody of it. */
const inFeed = (who: Who, id: string) =>
  tabs[who].fleet.flatMap(({ changes }) =>
    changes.filter(({ kind }) => kind === 'operation').flatMap(({ rows }) => rows.filter((row) => row.id === id)),
  ) as unknown as FleetOperation[]

let streams = 0
/** The first word of a live stream of an operation, or why there is none. */
const streamed = (who: Who, input: object) =>
  new Promise<string>((resolve) => {
    const { socket } = tabs[who]
    const stream = ++streams
    socket?.on('stream.data', (of: number, word: Uint8Array) => of === stream && resolve(Buffer.from(word).toString()))
    socket?.on('stream.end', (end: { stream: number }) => end.stream === stream && resolve(JSON.stringify(end)))
    socket?.emit('stream.open', { kind: 'operation', stream, input }, (answer: { error?: object } | undefined) => {
      if (answer?.error !== undefined) resolve(JSON.stringify(answer))
    })
  })

const secret = { labels: { audience: 'owners' } }
const makings = [
  ['a container', 'containers', { name: 'newcomer-a', image: 'nginx', pull: 'missing', ...secret }],
  [
    'one that is started',
    'containers',
    { name: 'newcomer-b', image: 'alpine:3.20', pull: 'missing', start: true, ...secret },
  ],
  ['one that cannot be made', 'containers', { name: 'newcomer-c', image: 'alpine:4', pull: 'missing', ...secret }],
] as const

describe.each(makings)('the making of %s that is hidden', (_what, path, body) => {
  const operationId = `make-${body.name}`
  let made: Promise<Awaited<ReturnType<typeof ask>>>

  beforeAll(async () => {
    made = ask('owner', 'POST', `/hosts/${all.host().id}/${path}`, { ...body, operationId })
    await until(() => inFeed('owner', operationId).length > 0, 5000, 'the word of it')
  })

  test('is known to who started it while it runs, and to nobody from whom it is hidden', async () => {
    const inputs = [{ id: operationId }, { id: operationId, hostId: all.host().id }]
    const seen = await Promise.all(inputs.map((input) => streamed('owner', input)))
    expect(seen.join()).toContain(body.name)
    for (const input of inputs) expect(await streamed('first', input)).not.toContain(body.name)
    expect(await heard('owner')).toContain(body.name)
    expect(await heard('first')).not.toContain(body.name)
    for (const path of ['/operations', `/hosts/${all.host().id}/operations`]) {
      const [own, none] = [`${path}/${operationId}`, `${path}/there-is-none`]
      const [hidden, absent] = [await ask('first', 'GET', own), await ask('first', 'GET', none)]
      expect([hidden.status, hidden.text]).toEqual([404, absent.text])
      expect((await ask('first', 'POST', `${own}/cancel`, {})).text).toBe(
        (await ask('first', 'POST', `${none}/cancel`, {})).text,
      )
    }
  })

  test('stays unknown to them when it has come to its end, and when what it made is gone', async () => {
    const { status, body: container } = await made
    const isGood = status === 200
    await until(() => inFeed('owner', operationId).some(({ state }) => state !== 'running'), 5000, 'its end')
    expect(await heard('first')).not.toContain(body.name)
    if (isGood) {
      expect((await ask('owner', 'DELETE', `/containers/${String(container['id'])}?force=true`)).status).toBe(200)
    }
    expect(isGood).toBe(body.image !== 'alpine:4')
    expect(await heard('owner')).toContain(body.name)
    expect(await heard('first')).not.toContain(body.name)
  })
})

describe('what somebody started who does not see everything', () => {
  test('is told to them, and not to another who sees the same objects, until it is there', async () => {
    const spec = { name: 'open-one', image: 'registry.example/team/app:1.0', pull: 'missing' }
    const path = `/hosts/${all.host().id}/containers`
    const made = ask('second', 'POST', path, { ...spec, operationId: 'make-open-one' })
    await until(() => inFeed('second', 'make-open-one').length > 0, 5000, 'the word of it')
    expect(inFeed('first', 'make-open-one')).toEqual([])
    expect((await made).status).toBe(200)
    const { text } = await ask('first', 'GET', '/operations')
    expect(JSON.parse(text)).toContainEqual(expect.objectContaining({ id: 'make-open-one', state: 'succeeded' }))
  })

  test('over many objects is told to them alone, item by item', async () => {
    const { body } = await ask('first', 'GET', '/containers')
    const ids = (body['items'] as FleetContainer[]).map(({ id }) => id)
    const many = { method: 'containers.restart', ids, timeoutSeconds: 0, operationId: 'restart-many' }
    expect((await ask('second', 'POST', '/operations', many)).status).toBe(200)
    const input = { id: 'restart-many' }
    const [own, foreign] = await Promise.all([streamed('second', input), streamed('first', input)])
    expect([own.includes('succeeded') || own.includes('running'), foreign.includes('NOT_FOUND')]).toEqual([true, true])
    await until(() => inFeed('second', 'restart-many').some(({ state }) => state !== 'running'), 10_000, 'its end')
    expect(inFeed('first', 'restart-many')).toEqual([])
  })
})
