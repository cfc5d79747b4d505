import { type ObjectFacts, type Policy, rolePolicy } from '@flotilla/auth'
import type { FleetContainer, FleetImage } from '@flotilla/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWithAgent, type WithAgent } from './testing/with-agent.ts'

// What a create names is looked up by the engine itself, deep inside of its host. Here one of each kind is hidden from everybody
// but owners, and an operator tries to use it by every name that an engine takes.

const byRole = rolePolicy()
const hiddenIds = new Set<string>()
const isHidden = ({ id, labels }: ObjectFacts) => hiddenIds.has(id ?? '') || labels?.['audience'] === 'owners'
/** Beside what is hidden, an operator may look at what is for readers, and nothing more. */
const isForReaders = (permission: string, { labels }: ObjectFacts) =>
  labels?.['audience'] !== 'readers' || ['networks.read', 'volumes.read'].includes(permission)
const policy: Policy = {
  ...byRole,
  allowed: (actor, permission, object) =>
    byRole.allowed(actor, permission, object) &&
    (actor.role === 'owner' || object === undefined || (!isHidden(object) && isForReaders(permission, object))),
  filter: (actor, permission) => {
    const all = byRole.filter(actor, permission)
    return actor.role === 'owner' || all === 'none' ? all : (object) => !isHidden(object)
  },
}

interface Made {
  id: string
  nativeId: string
  name: string
}
let all: WithAgent
let keys: { owner: string; operator: string }
let image = ''
let hidden: { image: FleetImage; container: Made; network: Made; volume: Made }
const owners = { labels: { audience: 'owners' } }
const readers = { labels: { audience: 'readers' } }

beforeAll(async () => {
  all = await openWithAgent({ policy, containers: 3 })
  keys = { owner: (await all.plane.person('owner')).key, operator: (await all.plane.person('operator')).key }
  const [used] = (await ask<{ items: FleetContainer[] }>('owner', 'GET', '/containers')).items
  image = used?.image ?? ''
  const pull = `/hosts/${all.host().id}/images/pull`
  const other = await ask<FleetImage>('owner', 'POST', pull, { reference: 'nginx:latest' })
  hiddenIds.add(other.id)
  hidden = {
    image: other,
    network: await made('networks', { name: 'inner', ...owners }),
    volume: await made('volumes', { name: 'vault', ...owners }),
    container: await made('containers', { name: 'safe', image, ...owners }),
  }
  await made('networks', { name: 'shop', ...readers })
  await made('volumes', { name: 'papers', ...readers })
}, 60_000)
afterAll(async () => {
  await all?.dispose() // not there where the beginning failed
})

const made = (path: string, body: object) => ask<Made>('owner', 'POST', `/hosts/${all.host().id}/${path}`, body)

async function ask<T>(who: 'owner' | 'operator', method: string, path: string, body?: object): Promise<T> {
  const answer = await all.plane.rest(keys[who], method, path, body)
  expect([answer.status, answer.text]).toEqual([200, answer.text])
  return answer.body as T
}

const create = (body: object, who: 'owner' | 'operator' = 'operator') =>
  all.plane.rest(keys[who], 'POST', `/hosts/${all.host().id}/containers`, { image, ...body })
const volume = (source: string, more: object = {}) => ({
  mounts: [{ type: 'volume', source, target: '/data', ...more }],
})
const networks = (network: string) => ({ networks: [{ network }] })
const count = async () => (await ask<{ total: number }>('owner', 'GET', '/containers')).total
const ways = (one: Made) => [one.name, one.nativeId, one.nativeId.slice(0, 12), one.nativeId.slice(0, 4)]
const never = 'f'.repeat(64)

describe.each([false, true])('what is hidden cannot be named by who makes a container (and starts it: %s)', (start) => {
  const kinds = {
    network: { refs: () => ways(hidden.network), spec: networks },
    container: { refs: () => ways(hidden.container), spec: (ref: string) => ({ network: `container:${ref}` }) },
    image: {
      refs: () => [hidden.image.references[0] ?? '', hidden.image.imageId, hidden.image.imageId.slice(7, 19)],
      spec: (ref: string) => ({ image: ref }),
    },
  }
  test.each(Object.entries(kinds))('a hidden %s answers as one that is not there', async (_kind, { refs, spec }) => {
    const before = await count()
    for (const ref of refs()) {
      const absent = ref.includes(':') || /^[0-9a-f]+$/.test(ref) ? never.slice(0, ref.length) : 'absent'
      const [there, not] = [await create({ ...spec(ref), start }), await create({ ...spec(absent), start })]
      expect([ref, there.status, there.body['code']]).toEqual([ref, 404, 'NOT_FOUND'])
      expect(there.text.replaceAll(ref, '')).toBe(not.text.replaceAll(absent, ''))
    }
    expect(await count()).toBe(before)
  })

  test('a hidden image by every way to write it, also where it would be pulled', async () => {
    const whole = hidden.image.references[0] ?? ''
    const short = whole.replace(/^docker\.io\/(library\/)?/, '')
    const spellings = [whole, short, short.replace(/:latest$/, ''), `index.docker.io/${whole.slice(10)}`]
    for (const spelling of [...spellings, `${short}@${hidden.image.digests[0]?.split('@')[1]}`]) {
      const never = await create({ image: spelling, start })
      expect([spelling, never.status, never.body['code']]).toEqual([spelling, 404, 'NOT_FOUND'])
      const pulled = await create({ image: spelling, pull: 'missing', start })
      expect([spelling, pulled.status, pulled.body['code']]).toEqual([spelling, 409, 'ALREADY_EXISTS'])
    }
  })

  test('a hidden volume is a name that is taken, and is neither mounted nor made anew', async () => {
    const before = await count()
    const refused = await create({ ...volume('vault'), start })
    expect([refused.status, refused.body['code'], refused.body['objects'] ?? []]).toEqual([409, 'ALREADY_EXISTS', []])
    expect(refused.body['field']).toEqual(['mounts', 0, 'source'])
    expect(refused.text).not.toContain(hidden.volume.nativeId)
    expect(await count()).toBe(before)
    const { detail } = await ask<{ detail: { usedBy: unknown[] } }>('owner', 'GET', `/volumes/${hidden.volume.id}`)
    expect(detail.usedBy).toEqual([])
  })

  test('a name that an id begins with is no volume', async () => {
    const name = `${hidden.volume.nativeId.slice(0, 3)}${start ? '1' : '0'}`
    expect((await create({ ...volume(name) })).status).toBe(200)
    expect((await create({ ...volume(hidden.volume.nativeId.slice(0, 2)) })).status).toBe(200)
  })

  test('what is called like a hidden one does not lead to it', async () => {
    // The operator's own, with as much of the hidden one's id for its name as a name may have.
    const whole = await create({ name: hidden.container.nativeId })
    expect([whole.status, whole.body['kind']]).toEqual([400, 'container.nameIsId'])
    expect((await create({ name: hidden.container.nativeId.slice(0, start ? 63 : 20) })).status).toBe(200)
    const refused = await create({ network: `container:${hidden.container.nativeId}`, start })
    expect([refused.status, refused.body['code']]).toEqual([404, 'NOT_FOUND'])
  })
})

test('what one may only look at is not used', async () => {
  const refusals = [networks('shop'), volume('papers'), volume('papers', { readOnly: true })]
  for (const spec of refusals) {
    for (const start of [false, true]) {
      const refused = await create({ ...spec, start })
      expect([refused.status, refused.body['code']]).toEqual([403, 'PERMISSION_DENIED'])
    }
  }
})

test('who sees all uses all, and is told of what is not there by the engine', async () => {
  const { container, network } = hidden
  for (const spec of [networks(network.name), { network: `container:${container.name}` }, volume('vault')]) {
    expect((await create(spec, 'owner')).status).toBe(200)
  }
  expect((await create({ image: hidden.image.references[0] }, 'owner')).status).toBe(200)
  expect((await create(networks('absent'), 'owner')).body['kind']).toBe('network.notFound')
})

test('what is seen is used by name, by id and by the beginning of it', async () => {
  const open = await made('networks', { name: 'open' })
  for (const ref of ways(open).slice(0, 3)) expect((await create(networks(ref))).status).toBe(200)
  const mine = await ask<Made>('operator', 'POST', `/hosts/${all.host().id}/volumes`, { name: 'mine' })
  expect((await create(volume('mine'))).status).toBe(200)
  expect((await create(volume('new'))).status).toBe(200)
  expect((await create({ name: 'sharer', network: `container:${mine.name}` })).status).toBe(404)
})
