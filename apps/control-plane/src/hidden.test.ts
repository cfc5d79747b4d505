import { byteRoutes, createRouter, unaryRoutes } from '@flotilla/api'
import type { ObjectFacts } from '@flotilla/auth'
import {
  type FleetChanges,
  type FleetContainer,
  type FleetHost,
  type FleetImage,
  type FleetOperation,
  type KernelView,
  manyMethods,
  registry,
} from '@flotilla/protocol'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hidingPolicy } from './testing/hiding.ts'
import { testPassword, until } from './testing/open-control-plane.ts'
import { openWithAgent, type WithAgent } from './testing/with-agent.ts'

// One container, networks and volumes are hidden from everybody but owners. Whatever a viewer or an operator asks, they are not
// there: the routes come from the router itself, so that a new one is asked as well.

const hiddenName = 'shop-web-0'
// By a label, so that they are hidden before anybody hears of them.
const isHidden = ({ kind, id, labels, hostGroups }: ObjectFacts) =>
  (kind === 'container' && id === hidden?.id) ||
  id === hiddenImage ||
  labels?.['audience'] === 'owners' ||
  hostGroups?.includes('secret') === true
/** Networks and volumes that are hidden: one of each is used by what is seen, the other by nobody. */
const secrets: { kind: string; id: string; nativeId: string; name: string }[] = []
/** What is seen and uses hidden ones. */
let witness = { id: '', name: 'witness' }
/** What shares the hidden one's network, asked for by its name and by its id. */
const sharers: { id: string; name: string }[] = []
/** What the hidden one uses beside others. */
let shared = { network: '', volume: '' }
let hidden: { id: string; nativeId: string } | undefined
/** A host that is hidden with all that is on it; it went away. */
const hiddenHost = { id: '', name: 'secret-host' }
/** An image that is hidden for some tests. */
let hiddenImage = ''
/** The image of all containers, and a token by which nobody joined. */
let [image, joinToken, ownKey] = ['', '', '']
/** The operations by which hidden ids were asked for. */
const asked = new Set<string>()

const policy = hidingPolicy(isHidden)

const subnets = ['10.231.0.0/24', '10.232.0.0/24'].values()
let all: WithAgent
let keys: { owner: string; operator: string }
const fleet: FleetChanges[] = []
let end = () => {}

beforeAll(async () => {
  all = await openWithAgent({ policy, containers: 5 })
  keys = { owner: (await all.plane.person('owner')).key, operator: (await all.plane.person('operator')).key }
  const { items } = await rest<{ items: FleetContainer[] }>('GET', '/containers', 'owner')
  hidden = items.find(({ name }) => name === hiddenName)
  const { cookie } = await all.plane.signIn('operator@example.org', testPassword)
  const tab = io(all.plane.url, {
    ...{ path: '/api/socket.io', transports: ['websocket'], reconnection: false },
    extraHeaders: { cookie, origin: all.plane.url },
  })
  tab.on('fleet', (changes: FleetChanges) => fleet.push(changes))
  end = () => tab.disconnect()
  await until(() => fleet.length > 0, 5000, 'the first message')
  // It is on a network with another.
  const made = async (path: string) =>
    (await rest<{ id: string }>('POST', `/hosts/${all.host().id}/${path}`, 'owner', { name: 'shared' })).id
  shared = { network: await made('networks'), volume: await made('volumes') }
  const other = items.find(({ name }) => name !== hiddenName)
  for (const container of [hidden?.id, other?.id]) {
    await rest('POST', `/networks/${shared.network}/connect`, 'owner', { container })
  }
  for (const path of ['networks', 'volumes']) {
    for (const name of [`secret-${path}`, `spare-secret-${path}`]) {
      const body = {
        name,
        labels: { audience: 'owners' },
        ...(path === 'networks' ? { subnets: [{ subnet: subnets.next().value }] } : {}),
      }
      secrets.push({
        kind: path,
        ...(await rest<FleetContainer>('POST', `/hosts/${all.host().id}/${path}`, 'owner', body)),
      })
    }
  }
  const uses = {
    networks: [{ network: 'secret-networks' }, { network: 'shared' }],
    mounts: [{ type: 'volume', source: 'secret-volumes', target: '/data' }],
  }
  const spec = { name: witness.name, ...uses }
  const make = (body: object) =>
    rest<typeof witness>('POST', `/hosts/${all.host().id}/containers`, 'owner', { image: items[0]?.image, ...body })
  witness = await make(spec)
  for (const [name, ref] of Object.entries({ 'by-name': hiddenName, 'by-id': hidden?.nativeId })) {
    sharers.push(await make({ name, network: `container:${ref}` }))
  }
  const { app, scope } = all.plane
  const desired = { name: hiddenHost.name, transport: 'websocket', fingerprint: null, address: null } as const
  hiddenHost.id = app.index.addHost({ ...(await app.db.hosts.create(scope, desired)), groups: ['secret'] }).id
  for (const state of ['connected', 'away'] as const) app.index.setState(hiddenHost.id, state)
  // It leaves its marks: an operation, entries in the timeline, usage, a problem.
  await rest('POST', `/containers/${hidden?.id}/restart`, 'owner', { operationId: 'restart-the-hidden' })
  await rest('POST', `/containers/${hidden?.id}/kill`, 'owner', {})
  const many = { method: 'containers.restart', ids: [hidden?.id], timeoutSeconds: 0, operationId: 'restart-many' }
  await rest('POST', '/operations', 'owner', many)
  const isOver = async () =>
    (await rest<FleetOperation>('GET', '/operations/restart-many', 'owner')).state !== 'running'
  await until(isOver, 10_000, 'the restart')
  for (const { id } of [witness, ...sharers]) await rest('POST', `/containers/${id}/start`, 'owner', {})
  image = (await rest<{ items: FleetImage[] }>('GET', '/images', 'owner')).items[0]?.id ?? ''
  joinToken = (await rest<{ id: string }>('POST', '/hosts/join-tokens', 'owner', {})).id
  ownKey = (await rest<{ id: string }[]>('GET', '/keys', 'owner'))[0]?.id ?? ''
}, 60_000)

afterAll(async () => {
  end()
  await all?.dispose() // not there where the beginning failed
})

async function rest<T>(method: string, path: string, who: 'owner' | 'operator', body?: object): Promise<T> {
  const answer = await all.plane.rest(keys[who], method, path, body)
  expect([answer.status, answer.text]).toEqual([200, answer.text])
  return answer.body as T
}

/** Words by which one would know of it. */
const marks = () =>
  [{ ...hidden, name: hiddenName }, ...secrets, { ...hiddenHost, nativeId: '' }]
    .flatMap(({ name, id, nativeId }) => [name, id ?? '', nativeId ?? ''])
    .filter((mark) => mark !== '')
const hasMark = (text: string) => marks().filter((mark) => text.includes(mark))

test('the owner sees it, and all that it left', async () => {
  expect(marks()).toHaveLength(17)
  const { items } = await rest<{ items: FleetContainer[] }>('GET', '/containers', 'owner')
  expect(items.map(({ name }) => name)).toContain(hiddenName)
  const said = async (path: string) => JSON.stringify(await rest('GET', path, 'owner'))
  expect(hasMark(await said('/operations'))).not.toEqual([])
  await until(async () => hasMark(await said('/overview')).length > 0, 5000, 'the overview')
  expect(hasMark(await said('/overview'))).toEqual(expect.arrayContaining([hiddenHost.name, hiddenHost.id]))
  expect(hasMark(await said('/hosts'))).toEqual([hiddenHost.name, hiddenHost.id])
})

describe('who may not see it finds it nowhere', () => {
  const reads = unaryRoutes(createRouter()).filter(({ method }) => method === 'GET')

  /**
   * What the engine in memory has not got. Nodes are asked in infra/spine/hidden-cluster.test.ts; what a file holds is told as it is.
   */
  const lacking = ['/nodes/{id}', '/volumes/{id}/text']
  /** The object of a route: the hidden one itself, or what it is on or in. */
  const objectOf = (path: string) => {
    const ids = {
      ...{ '/hosts/{id}': all.host().id, '/hosts/join-tokens/': joinToken, '/images/{id}': image },
      ...{ '/networks/{id}': shared.network, '/volumes/{id}': shared.volume, '/operations/{id}': 'restart-many' },
      ...{ '/keys/{id}': ownKey },
    }
    const [, id] = Object.entries(ids).find(([beginning]) => path.startsWith(beginning)) ?? []
    return id ?? (path.includes('/operations/') ? 'restart-the-hidden' : (hidden?.id ?? ''))
  }

  test.each(reads.map(({ path }) => path))('GET %s', async (path) => {
    const filled = `${path.replace('{hostId}', all.host().id).replace('{id}', objectOf(path))}?path=`
    const answer = await all.plane.rest(keys.operator, 'GET', filled)
    // Where nobody is answered nothing can be found.
    const owner = await all.plane.rest(keys.owner, 'GET', filled)
    expect([owner.status === 200, owner.text]).toEqual([!lacking.includes(path), owner.text])
    // What one asks for oneself may be said back.
    const asked = marks().filter((mark) => filled.includes(mark))
    expect(hasMark(answer.text).filter((mark) => !asked.includes(mark))).toEqual([])
    if (asked.length > 0) expect([403, 404]).toContain(answer.status)
  })

  describe('where what uses hidden ones runs', () => {
    test.each(reads.filter(({ path }) => path.startsWith('/containers/{id}')).map(({ path }) => path))(
      'GET %s of it',
      async (path) => {
        for (const { id } of [witness, ...sharers]) {
          const ask = (who: 'owner' | 'operator') => all.plane.rest(keys[who], 'GET', path.replace('{id}', id))
          const [owner, operator] = [await ask('owner'), await ask('operator')]
          // What nobody is answered shows nothing.
          expect([owner.status, operator.status]).toEqual([200, 200])
          expect(hasMark(operator.text)).toEqual([])
        }
      },
    )

    test('in who shares a namespace, which is told to be shared, and in what is mounted', async () => {
      const view = (id: string, who: 'owner' | 'operator') => rest<KernelView>('GET', `/containers/${id}/kernel`, who)
      const [first, second] = sharers
      const others = async (who: 'owner' | 'operator') => {
        const { namespaces } = await view(first?.id ?? '', who)
        const net = namespaces.find(({ type }) => type === 'net')
        return [net?.owner, ...(net?.sharedWith ?? [])].sort()
      }
      expect(await others('owner')).toEqual(['shared', second?.name, hiddenName].sort())
      expect(await others('operator')).toEqual(['shared', second?.name].sort())
      const sources = async (who: 'owner' | 'operator') =>
        (await view(witness.id, who)).mounts.map(({ source }) => source)
      const volume = secrets.find(({ name }) => name === 'secret-volumes')?.nativeId ?? ''
      const [source = ''] = await sources('owner')
      expect(source).toContain(volume)
      expect(await sources('operator')).toEqual([source.replace(volume, '[hidden]')])
    })
  })

  test('in whose network others share, by name or by id', async () => {
    const networks = async (who: 'owner' | 'operator') => {
      const { items } = await rest<{ items: FleetContainer[] }>('GET', '/containers?sort=name', who)
      const details = await Promise.all(sharers.map(({ id }) => rest<FleetContainer>('GET', `/containers/${id}`, who)))
      const listed = sharers.map(({ id }) => items.find((one) => one.id === id))
      return [...listed, ...details].map((one) => one?.network)
    }
    const [name, id] = [`container:${hiddenName}`, `container:${hidden?.nativeId}`]
    expect(await networks('owner')).toEqual([name, id, name, id])
    expect(await networks('operator')).toEqual(Array.from({ length: 4 }, () => 'container:[hidden]'))
  })

  test('in the detail of what uses hidden ones, of which the rest is there', async () => {
    type Detail = { detail: { networks: object[]; mounts: object[]; native: { spec: { networks: object[] } } } }
    const ask = (who: 'owner' | 'operator') => rest<Detail>('GET', `/containers/${witness.id}`, who)
    const [owner, operator] = [await ask('owner'), await ask('operator')]
    const used = secrets.filter(({ name }) => !name.startsWith('spare'))
    expect(hasMark(JSON.stringify(owner))).toEqual(expect.arrayContaining(used.map(({ name }) => name)))
    const networks = operator.detail.native.spec.networks
    expect([owner.detail.native.spec.networks, networks].map(({ length }) => length)).toEqual([2, 1])
    expect(operator.detail).toMatchObject({
      mounts: [],
      networks: [{ name: 'shared' }],
      native: { spec: { networks } },
    })
  })

  test.each(['networks', 'volumes'])('in what a prune of %s would take and takes', async (path) => {
    const preview = (who: 'owner' | 'operator') =>
      rest<object>('GET', `/hosts/${all.host().id}/${path}/prune${path === 'volumes' ? '?all=true' : ''}`, who)
    expect(hasMark(JSON.stringify(await preview('owner')))).not.toEqual([])
    expect(hasMark(JSON.stringify(await preview('operator')))).toEqual([])
    if (path === 'volumes') expect(await preview('operator')).toMatchObject({ totalBytes: 0 })
    const body = { ids: secrets.filter(({ kind }) => kind === path).map(({ nativeId }) => nativeId) }
    const route = `/hosts/${all.host().id}/${path}/prune`
    const prune = async (ids: string[]) =>
      (await rest<{ removed: string[] }>('POST', route, 'operator', { ids })).removed
    expect(await prune(body.ids)).toEqual(await prune(['f'.repeat(64)]))
    const open = path === 'networks' ? shared.network : shared.volume
    const { nativeId } = await rest<{ nativeId: string }>('GET', `/${path}/${open}`, 'owner')
    const mixed = { ids: [nativeId, ...body.ids] }
    expect(hasMark(JSON.stringify(await rest('POST', route, 'operator', mixed)))).toEqual([])
    for (const { id } of secrets.filter(({ kind }) => kind === path)) await rest('GET', `/${path}/${id}`, 'owner')
  })

  test('in what a subnet that is taken is told to overlap', async () => {
    const body = { name: 'mine', subnets: [{ subnet: '10.231.0.0/16' }] }
    const ask = (who: 'owner' | 'operator') =>
      all.plane.rest(keys[who], 'POST', `/hosts/${all.host().id}/networks`, body)
    const [owner, operator] = [await ask('owner'), await ask('operator')]
    expect([owner.status, operator.status]).toEqual([409, 409])
    expect(owner.body['objects']).toEqual([{ kind: 'network', id: secrets[0]?.id, name: 'secret-networks' }])
    expect(hasMark(operator.text)).toEqual([])
    expect(owner.text).toContain('10.231.0.0/24')
    expect(operator.body).toMatchObject({ kind: 'network.overlapsUnseen', params: { subnet: '10.231.0.0/16' } })
    expect(operator.text).not.toContain('10.231.0.0/24')
  })

  describe('though it is asked for by its id', () => {
    const nothing = 'f'.repeat(16)
    const byKind = () => ({
      container: hidden?.id ?? '',
      image: hiddenImage,
      network: secrets.find(({ kind }) => kind === 'networks')?.id ?? '',
      volume: secrets.find(({ kind }) => kind === 'volumes')?.id ?? '',
    })
    const kinds = Object.keys(byKind()) as (keyof ReturnType<typeof byKind>)[]
    /** What a route asks for beside the object's id, so that it comes to the look-up. */
    const body = {
      ...{ command: ['true'], ports: [{ containerPort: 80 }], name: 'other', container: 'nobody' },
      ...{ path: 'a', to: 'b', text: 'x', expected: null },
    }

    beforeAll(async () => {
      const path = `/hosts/${all.host().id}/images/pull`
      hiddenImage = (await rest<FleetImage>('POST', path, 'owner', { reference: 'alpine:3.20' })).id
    })

    afterAll(async () => {
      await rest('DELETE', `/images/${hiddenImage}`, 'owner')
      hiddenImage = ''
    })

    test('of every kind that this engine has', () => {
      const { watched } = registry
      // The engine in memory has no nodes.
      expect([...kinds, 'node'].sort()).toEqual(watched.map(({ kind }) => kind).sort())
    })

    /** The routes below one object of a kind, each with the fields that it knows. */
    const routes = [...unaryRoutes(createRouter()), ...byteRoutes(registry)].flatMap(({ method, path, ...route }) => {
      const kind = kinds.find((one) => path.startsWith(`/${registry.byKind.get(one)?.plural}/{id}`))
      if (kind === undefined) return []
      const fields = Object.keys((route.input as { shape?: object }).shape ?? {})
      return [{ method, path, kind, fields, isBytes: 'isUpload' in route }]
    })

    /** What a route answers of an object, with the id blotted out. */
    async function answerOf(route: (typeof routes)[number], id: string) {
      const { method, path, fields, isBytes } = route
      const given = Object.entries(body).filter(([name]) => fields.includes(name))
      const filled = path.replace('{id}', id).replace('{session}', 'session')
      const asQuery = method === 'GET' || method === 'DELETE' || isBytes
      const query = new URLSearchParams(asQuery ? given.map(([name, value]) => [name, String(value)]) : [])
      const answer = await fetch(`${all.plane.url}/api/v1${filled}?${query.toString()}`, {
        method,
        headers: {
          authorization: `Bearer ${keys.operator}`,
          'content-type': isBytes ? 'application/octet-stream' : 'application/json',
        },
        ...(method === 'GET' || (method === 'DELETE' && given.length === 0)
          ? {}
          : { body: isBytes ? 'x' : JSON.stringify(asQuery ? {} : Object.fromEntries(given)) }),
      })
      return { status: answer.status, text: (await answer.text()).replaceAll(id, '') }
    }

    test.each(routes.map((route) => [route.method, route.path, route] as const))(
      '%s %s answers as if there were none',
      async (_method, _path, route) => {
        const answer = await answerOf(route, byKind()[route.kind])
        expect(answer).toEqual(await answerOf(route, nothing))
        expect([answer.status, answer.text]).toEqual([404, expect.stringContaining('NOT_FOUND')])
      },
    )

    /** What an operation over one object comes to, with the id blotted out. */
    async function endOf(method: string, id: string) {
      const begun = await rest<FleetOperation>('POST', '/operations', 'operator', { method, ids: [id] })
      asked.add(begun.id)
      const read = () => rest<FleetOperation>('GET', `/operations/${begun.id}`, 'operator')
      await until(async () => (await read()).state !== 'running', 5000, 'the end')
      const { state, target, object, error, counts, items } = await read()
      const steps = items?.map(({ operationId: _id, ...item }) => item)
      return JSON.stringify({ state, target, object, error, counts, steps }).replaceAll(id, '')
    }

    const many = manyMethods.flatMap((method) => {
      const kind = kinds.find((one) => registry.method(method)?.target?.kind === one)
      return kind === undefined ? [] : [{ method, kind }]
    })
    test.each(many.map(({ method, kind }) => [method, kind] as const))(
      'POST /operations of %s fails as if there were none',
      async (method, kind) => {
        const end = await endOf(method, byKind()[kind])
        expect(end).toBe(await endOf(method, nothing))
        expect(end).toContain('NOT_FOUND')
        await rest('GET', `/${registry.byKind.get(kind)?.plural}/${byKind()[kind]}`, 'owner')
      },
    )

    test('every kind has changes among these', () => {
      const changed = new Set([...routes.filter(({ method }) => method !== 'GET'), ...many].map(({ kind }) => kind))
      expect([...changed].sort()).toEqual([...kinds].sort())
    })
  })

  test('by name, by native id and by a prefix', async () => {
    for (const ref of [hiddenName, hidden?.nativeId ?? '', (hidden?.nativeId ?? '').slice(0, 12)]) {
      expect((await all.plane.rest(keys.operator, 'GET', `/containers/${ref}`)).status).toBe(404)
      expect((await all.plane.rest(keys.operator, 'GET', `/containers/${ref}/logs`)).status).toBe(404)
      expect((await all.plane.rest(keys.operator, 'GET', `/containers/${ref}/stats`)).status).toBe(404)
    }
  })

  test('in totals, counts, what uses an image, and the usage of its host', async () => {
    const ask = async (who: 'owner' | 'operator') => {
      const list = await rest<{ total: number; counts: Record<string, number> }>('GET', '/containers', who)
      const host = await rest<FleetHost>('GET', `/hosts/${all.host().id}`, who)
      const { items } = await rest<{ items: FleetImage[] }>('GET', '/images', who)
      const counted = Object.values(list.counts).reduce((sum, count) => sum + count, 0)
      return [list.total, counted, host.counts.containers, items[0]?.containerCount ?? 0]
    }
    const [owner, operator] = [await ask('owner'), await ask('operator')]
    expect(operator).toEqual(owner.map((count) => count - 1))
  })

  test('in who is on a network that it shares', async () => {
    const ask = async (who: 'owner' | 'operator') =>
      (await rest<{ detail: { endpoints: unknown[] } }>('GET', `/networks/${shared.network}`, who)).detail.endpoints
    const [owner, operator] = [await ask('owner'), await ask('operator')]
    expect(hasMark(JSON.stringify(owner))).not.toEqual([])
    expect(operator).toHaveLength(owner.length - 1)
    expect(hasMark(JSON.stringify(operator))).toEqual([])
    for (const ref of [hidden?.id, hidden?.nativeId, hiddenName]) {
      const path = `/networks/${shared.network}/disconnect`
      expect((await all.plane.rest(keys.operator, 'POST', path, { container: ref })).status).toBe(404)
    }
    expect(await ask('owner')).toHaveLength(owner.length)
  })

  test('in its containers, whose image is hidden and finds none', async () => {
    const { items } = await rest<{ items: FleetImage[] }>('GET', '/images', 'owner')
    const used = items.find(({ containerCount }) => containerCount > 1)
    if (used === undefined) throw new Error('no image is used')
    hiddenImage = used.id
    try {
      const list = (who: 'owner' | 'operator', query: string) =>
        rest<{ items: FleetContainer[] }>('GET', `/containers?${query}`, who)
      const marks = [used.nativeId, used.nativeId.replace('sha256:', '').slice(0, 12), ...used.references]
      const shown = (await list('owner', '')).items.find(({ imageId }) => imageId === used.nativeId)
      const names = [...marks, shown?.image ?? '']
      for (const query of ['', ...names.flatMap((name) => [`image=${name}`, `search=${name}`])]) {
        const found = await list('operator', query)
        if (query !== '') expect([query, found.items]).toEqual([query, []])
        expect(names.filter((name) => JSON.stringify(found).includes(name))).toEqual([])
      }
      const one = (who: 'owner' | 'operator') => rest<FleetContainer>('GET', `/containers/${shown?.id}`, who)
      expect(await one('owner')).toMatchObject({ image: shown?.image, imageId: used.nativeId })
      const seen = await one('operator')
      expect(seen).toMatchObject({ image: '[hidden]', imageId: '[hidden]' })
      expect(names.filter((name) => JSON.stringify(seen).includes(name))).toEqual([])
    } finally {
      hiddenImage = ''
    }
  })

  test('in what a conflict says and names, where it uses an image', async () => {
    const [image] = (await rest<{ items: FleetImage[] }>('GET', '/images', 'owner')).items
    const remove = (who: 'owner' | 'operator') => all.plane.rest(keys[who], 'DELETE', `/images/${image?.id}`)
    const [owner, operator] = [await remove('owner'), await remove('operator')]
    expect([owner.status, operator.status]).toEqual([409, 409])
    expect(hasMark(owner.text)).toEqual([hiddenName, hidden?.id])
    expect(hasMark(operator.text)).toEqual([])
    const [ofOwner, ofOperator] = [owner, operator].map(({ body }) => (body['objects'] as unknown[]).length)
    expect(ofOperator).toBe((ofOwner ?? 0) - 1)
    expect([owner, operator].map(({ body }) => body['params'])).toEqual([{ count: ofOwner }, { count: ofOperator }])
    expect([owner.text, operator.text]).toEqual(
      [ofOwner, ofOperator].map((count) => expect.stringContaining(`(${count})`) as string),
    )
  })

  test('in the audit, which who may read it is told in full but for what has its marks', async () => {
    const { key } = await all.plane.person('admin')
    const ask = async (who: string) => (await all.plane.rest(who, 'GET', '/audit?limit=500')).body['items'] as object[]
    const [owner, admin] = [await ask(keys.owner), await ask(key)]
    expect(hasMark(JSON.stringify(owner))).toEqual(expect.arrayContaining([hiddenName, 'secret-networks']))
    expect(hasMark(JSON.stringify(admin))).toEqual([])
    expect(JSON.stringify(admin)).toContain('[hidden]')
    expect(admin.length).toBeGreaterThanOrEqual(owner.length)
  })

  test('in the live feed, while it changes and when it goes', async () => {
    await rest('POST', `/containers/${hidden?.id}/start`, 'owner', {})
    const { items } = await rest<{ items: FleetContainer[] }>('GET', '/containers?state=running', 'operator')
    const [other] = items
    await rest('DELETE', `/containers/${hidden?.id}?force=true`, 'owner')
    await rest('POST', `/containers/${other?.id}/pause`, 'owner', {})
    const came = () => fleet.some(({ changes }) => changes.some(({ rows }) => rows.some(({ id }) => id === other?.id)))
    await until(came, 5000, 'the news of another')
    // What one asked for oneself is said back, to oneself.
    const ofOthers = (rows: unknown) => (rows as { id: string }[]).filter(({ id }) => !asked.has(id))
    const said = fleet.flatMap(({ changes }) => changes.map((change) => ({ ...change, rows: ofOthers(change.rows) })))
    expect(hasMark(JSON.stringify(said))).toEqual([])
    expect(hasMark(JSON.stringify(ofOthers(await rest('GET', '/operations', 'operator'))))).toEqual([])
    expect(hasMark(JSON.stringify(await rest('GET', '/overview', 'operator')))).toEqual([])
  })
})
