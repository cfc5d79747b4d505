import type { FleetChanges, FleetContainer, FleetNetwork, FleetVolume } from '@flotilla/protocol'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hidingPolicy } from './testing/hiding.ts'
import { testPassword, until } from './testing/open-control-plane.ts'
import { openWithAgent, type WithAgent } from './testing/with-agent.ts'

// How many containers use a volume or are on a network, counted from what the containers say, of those that a reader sees.

type Who = 'owner' | 'operator'
type Used = FleetNetwork | FleetVolume
interface Page {
  items: Used[]
  total: number
  counts: Record<string, number>
}

const policy = hidingPolicy(({ labels }) => labels?.['audience'] === 'owners')
const keys: Record<Who, string> = { owner: '', operator: '' }
const fleet: FleetChanges[] = []
let all: WithAgent
let end = () => {}
let seen: FleetContainer

beforeAll(async () => {
  all = await openWithAgent({ policy, containers: 0 })
  for (const role of ['owner', 'operator'] as const) keys[role] = (await all.plane.person(role)).key
  const { cookie } = await all.plane.signIn('operator@example.org', testPassword)
  const tab = io(all.plane.url, {
    ...{ path: '/api/socket.io', transports: ['websocket'], reconnection: false },
    extraHeaders: { cookie, origin: all.plane.url },
  })
  end = () => tab.disconnect()
  tab.on('fleet', (changes: FleetChanges) => fleet.push(changes))
  await until(() => fleet.length > 0, 5000, 'the first message')
  const hidden = { labels: { audience: 'owners' } }
  for (const [path, name, more] of [
    ['volumes', 'busy', {}],
    ['volumes', 'idle', {}],
    ['networks', 'busy', { subnets: [{ subnet: '10.241.0.0/24' }] }],
    ['networks', 'idle', { subnets: [{ subnet: '10.242.0.0/24' }] }],
    ['networks', 'secret', { subnets: [{ subnet: '10.243.0.0/24' }], ...hidden }],
  ] as const) {
    await rest('POST', `/hosts/${all.host().id}/${path}`, 'owner', { name, ...more })
  }
  const mounts = [{ type: 'volume', source: 'busy', target: '/data' }]
  const networks = [{ network: 'busy' }, { network: 'secret' }]
  const path = `/hosts/${all.host().id}/containers`
  const image = 'busybox'
  seen = await rest<FleetContainer>('POST', path, 'owner', { name: 'seen', image, mounts, networks })
  await rest('POST', path, 'owner', { name: 'unseen', image, mounts, networks, ...hidden })
}, 60_000)

afterAll(async () => {
  end()
  await all?.dispose() // not there where the beginning failed
})

async function rest<T>(method: string, path: string, who: Who, body?: object): Promise<T> {
  const answer = await all.plane.rest(keys[who], method, path, body)
  expect([answer.status, answer.text]).toEqual([200, answer.text])
  return answer.body as T
}

const list = (who: Who, plural: string, query = '') => rest<Page>('GET', `/${plural}${query}`, who)
const countOf = async (who: Who, plural: string, name: string) =>
  (await list(who, plural)).items.find((one) => one.name === name)?.containerCount

describe.each(['volumes', 'networks'])('of %s', (plural) => {
  test('a row tells how many containers use it, of those that the reader sees', async () => {
    expect([await countOf('owner', plural, 'busy'), await countOf('operator', plural, 'busy')]).toEqual([2, 1])
    expect([await countOf('owner', plural, 'idle'), await countOf('operator', plural, 'idle')]).toEqual([0, 0])
    const { id } = (await list('operator', plural)).items.find(({ name }) => name === 'busy') ?? {}
    expect(await rest<Used>('GET', `/${plural}/${id}`, 'operator')).toMatchObject({ containerCount: 1 })
  })

  test('lists are ordered by it, narrowed to what is used or not, and counted by that', async () => {
    const { items } = await list('owner', plural, '?sort=used&order=desc')
    const counts = items.map(({ containerCount }) => containerCount)
    expect(counts).toEqual(counts.toSorted((a, b) => b - a))
    const named = async (who: Who, query: string) => (await list(who, plural, query)).items.map(({ name }) => name)
    expect(await named('owner', '?use=used')).toContain('busy')
    expect(await named('owner', '?use=unused')).toContain('idle')
    expect(await named('owner', '?use=unused')).not.toContain('busy')
    const { counts: byUse, total } = await list('operator', plural)
    expect((byUse['used'] ?? 0) + (byUse['unused'] ?? 0)).toBe(total)
    expect(byUse['used']).toBe(1)
  })
})

test('containers are narrowed to those that use a volume or are on a network, which nobody asks by a hidden one', async () => {
  const names = async (who: Who, query: string) =>
    (await rest<{ items: FleetContainer[] }>('GET', `/containers?sort=name&${query}`, who)).items.map(
      ({ name }) => name,
    )
  const networksOf = async (who: Who) =>
    (await rest<FleetContainer>('GET', `/containers/${seen.id}`, who)).networks ?? []
  const known = await networksOf('operator')
  const ids = (await networksOf('owner')).filter((id) => !known.includes(id))
  for (const query of ['volume=busy', 'network=busy']) {
    expect([await names('owner', query), await names('operator', query)]).toEqual([['seen', 'unseen'], ['seen']])
  }
  for (const secret of ['secret', ...ids]) {
    expect(await names('owner', `network=${secret}`)).toEqual(['seen', 'unseen'])
    expect(await names('operator', `network=${secret}`)).toEqual([])
  }
  expect(ids).toHaveLength(1)
  expect(await names('owner', 'volume=idle')).toEqual([])
})

test('a container names no network that the reader does not see', async () => {
  const of = async (who: Who) => (await rest<FleetContainer>('GET', `/containers/${seen.id}`, who)).networks
  const [owner, operator] = [await of('owner'), await of('operator')]
  expect([owner?.length, operator?.length]).toEqual([2, 1])
  expect(owner).toEqual(expect.arrayContaining(operator ?? []))
})

test('it changes as a container comes onto a network and leaves it, in the feed too, and as it goes', async () => {
  const { items } = await list('owner', 'networks')
  const idle = items.find(({ name }) => name === 'idle')
  const inFeed = () =>
    fleet
      .flatMap(({ changes }) => changes.filter(({ kind }) => kind === 'network').flatMap(({ rows }) => rows))
      .findLast(({ id }) => id === idle?.id)?.['containerCount']
  await rest('POST', `/networks/${idle?.id}/connect`, 'owner', { container: seen.id })
  expect(await countOf('operator', 'networks', 'idle')).toBe(1)
  await until(() => inFeed() === 1, 5000, 'the word of its container')
  await rest('POST', `/networks/${idle?.id}/disconnect`, 'owner', { container: seen.id })
  expect(await countOf('operator', 'networks', 'idle')).toBe(0)
  await until(() => inFeed() === 0, 5000, 'the word of its going')
  await rest('DELETE', `/containers/${seen.id}?force=true`, 'owner')
  expect([await countOf('owner', 'networks', 'busy'), await countOf('operator', 'networks', 'busy')]).toEqual([1, 0])
})
