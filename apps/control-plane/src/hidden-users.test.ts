import type { FleetChanges, FleetContainer, FleetOperation } from '@flotilla/protocol'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hidingPolicy } from './testing/hiding.ts'
import { testPassword, until } from './testing/open-control-plane.ts'
import { openWithAgent, type WithAgent } from './testing/with-agent.ts'

// Some of the containers that use an image, a network and a volume are hidden from an operator: no conflict counts them, whether
// it names all users, the first of more, or none that the operator sees.

type Who = 'owner' | 'operator'
interface Used {
  readonly id: string
  readonly nativeId: string
}

const policy = hidingPolicy(({ labels }) => labels?.['audience'] === 'owners')
const hidden = { labels: { audience: 'owners' } }
const cases = [
  { name: 'few', seen: 2, unseen: 3 },
  { name: 'many', seen: 24, unseen: 4 },
  { name: 'veiled', seen: 0, unseen: 2 },
] as const
const keys: Record<Who, string> = { owner: '', operator: '' }
const fleet: FleetChanges[] = []
let all: WithAgent
let end = () => {}
const made = new Map<string, Used>()

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
  for (const { name, seen, unseen } of cases) {
    for (const path of ['volumes', 'networks']) made.set(`${path} ${name}`, await make(path, { name }))
    const uses = { mounts: [{ type: 'volume', source: name, target: '/data' }], networks: [{ network: name }] }
    for (let at = 0; at < seen + unseen; at++) {
      const one = { image: 'busybox', name: `${name}-${at}`, ...uses }
      const isHidden = seen === 0 || (at % 2 === 0 && at / 2 < unseen)
      await make('containers', isHidden ? { ...one, ...hidden } : one)
    }
  }
}, 120_000)

afterAll(async () => {
  end()
  await all?.dispose() // not there where the beginning failed
})

const ask = (who: Who, method: string, path: string, body?: object) => all.plane.rest(keys[who], method, path, body)

async function make(path: string, body: object): Promise<Used> {
  const { status, text, body: answer } = await ask('owner', 'POST', `/hosts/${all.host().id}/${path}`, body)
  expect([status, text]).toEqual([200, text])
  return answer as unknown as Used
}

/** The number in brackets of a sentence, beside that of the parameters; both undefined where no number is said. */
function countsOf({ message, params }: { message?: unknown; params?: unknown }): [number | undefined, unknown] {
  const [, said] = /\((\d+)\)/.exec(String(message)) ?? []
  return [said === undefined ? undefined : Number(said), (params as { count?: unknown } | undefined)?.count]
}

const twice = (count: number) => (count === 0 ? [undefined, undefined] : [count, count])

describe.each(cases)('of $seen users that are seen and $unseen that are not', ({ name, seen, unseen }) => {
  const used = (plural: string) => made.get(`${plural} ${name}`) as Used

  test.each(['networks', 'volumes'])('a removal of %s counts and names the seen ones alone', async (plural) => {
    const remove = (who: Who) => ask(who, 'DELETE', `/${plural}/${used(plural).id}`)
    const [owner, operator] = [await remove('owner'), await remove('operator')]
    expect([owner.status, operator.status]).toEqual([409, 409])
    expect(countsOf(owner.body)).toEqual(twice(seen + unseen))
    expect(countsOf(operator.body)).toEqual(twice(seen))
    expect(operator.text).toContain('ontainers')
    const { items } = (await ask('operator', 'GET', '/containers?limit=100')).body as { items: FleetContainer[] }
    const ids = items.map(({ id }) => id)
    for (const { id } of (operator.body['objects'] ?? []) as Used[]) expect(ids).toContain(id)
  })

  test.each(['networks', 'volumes'])(
    'what a prune of %s leaves counts and names the seen ones alone',
    async (plural) => {
      const { nativeId } = used(plural)
      const prune = async (who: Who) => {
        const { body, text } = await ask(who, 'POST', `/hosts/${all.host().id}/${plural}/prune`, { ids: [nativeId] })
        const [left] = body['retained'] as {
          id: string
          error: { params?: object; message: string; objects?: object[] }
        }[]
        return { id: left?.id, objects: left?.error.objects ?? [], counts: countsOf(left?.error ?? {}), text }
      }
      const [owner, operator] = [await prune('owner'), await prune('operator')]
      expect([owner.id, owner.counts]).toEqual([nativeId, twice(seen + unseen)])
      expect([operator.id, operator.counts]).toEqual([nativeId, twice(seen)])
      expect(owner.objects).toHaveLength(Math.min(20, seen + unseen))
      expect(owner.objects).toContainEqual({ kind: 'container', id: expect.any(String) as string, name: `${name}-0` })
      expect(operator.text).not.toContain(`"${name}-0"`)
      expect(operator.objects.length).toBeLessThanOrEqual(seen)
    },
  )

  test('an operation tells its reader so, and lists and the feed tell nobody a number', async () => {
    const operationId = `remove-${name}`
    const many = { method: 'volumes.remove', ids: [used('volumes').id], operationId }
    expect((await ask('operator', 'POST', '/operations', many)).status).toBe(200)
    const read = async (who: Who) =>
      (await ask(who, 'GET', `/operations/${operationId}`)).body as unknown as FleetOperation
    await until(async () => (await read('operator')).state !== 'running', 5000, 'the end')
    const counted = async (who: Who) => countsOf((await read(who)).items?.[0]?.error ?? {})
    expect(await counted('owner')).toEqual(twice(seen + unseen))
    expect(await counted('operator')).toEqual(twice(seen))
    const listed = (await ask('operator', 'GET', '/operations')).text
    expect(listed).toContain(operationId)
    expect(listed).toContain(`Containers mount the volume ${name}.`)
    for (const text of [listed, JSON.stringify(fleet)]) expect(text).not.toMatch(/by containers \(\d+\)/)
  })
})

test('an image that all of them use is counted so', async () => {
  const { items } = (await ask('owner', 'GET', '/images')).body as { items: (Used & { containerCount: number })[] }
  const image = items.find(({ containerCount }) => containerCount > 0)
  const sum = (of: 'seen' | 'unseen') => cases.reduce((total, each) => total + each[of], 0)
  const remove = async (who: Who) => countsOf((await ask(who, 'DELETE', `/images/${image?.id}`)).body)
  expect(await remove('owner')).toEqual(twice(sum('seen') + sum('unseen')))
  expect(await remove('operator')).toEqual(twice(sum('seen')))
})
