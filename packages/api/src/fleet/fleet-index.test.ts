import {
  type Container,
  containerNoun,
  type EngineInfo,
  listQuery,
  type ListQuery,
  type RowChange,
  type Version,
} from '@flotilla/protocol'
import { describe, expect, test } from 'vitest'
import { FleetIndex, type IndexChange } from './fleet-index.ts'
import { everyHost } from './host-sight.ts'
import { findObject } from './lookup.ts'
import { queryRows } from './query.ts'

const scope = { organisationId: 'org' }
const listed: ReadonlySet<string> = new Set(['container fake', 'image fake'])
const states = ['running', 'exited', 'created'] as const

function container(at: number, more: Partial<Container> = {}): Container {
  return {
    id: `${at}`.padStart(6, '0').repeat(10),
    engine: 'fake',
    name: `app-${at}`,
    image: at % 2 === 0 ? 'docker.io/library/nginx:latest' : 'docker.io/library/redis:7',
    imageId: 'sha256:1',
    command: [],
    state: states[at % 3] ?? 'running',
    exitCode: null,
    oomKilled: false,
    createdAt: new Date(1_700_000_000_000 + at * 1000).toISOString(),
    startedAt: null,
    finishedAt: null,
    restartCount: 0,
    ports: [{ containerPort: 80, hostPort: 10_000 + at, hostIp: '', protocol: 'tcp' }],
    network: 'bridge',
    labels: { tier: at % 5 === 0 ? 'front' : 'back' },
    tty: false,
    createdByFlotilla: true,
    ...more,
  }
}

function withHost(count: number, clock = { now: 1_000_000 }) {
  const index = new FleetIndex('org', () => clock.now)
  index.addHost({ id: 'h1', organisationId: 'org', name: 'one', transport: 'socket' })
  const containers = Array.from({ length: count }, (_, at) => container(at))
  index.applySnapshot('h1', snapshotOf(containers), { epoch: 'e1', sequence: 10 })
  index.setState('h1', 'connected')
  return { index, clock }
}

function snapshotOf(containers: Container[], of = listed) {
  return { rows: new Map([['container', containers.map((value) => ({ engine: 'fake', value }))]]), listed: of }
}

function change(sequence: number, row: Container | null, id: string, epoch = 'e1'): RowChange {
  const at = new Date().toISOString()
  return {
    ...{ type: 'row', version: { epoch, sequence }, kind: 'container', engine: 'fake', id, action: 'start', at, row },
    ...{ actor: null, operationId: null },
  }
}

const query = (more: Record<string, unknown> = {}) => listQuery(containerNoun).parse(more) as ListQuery
const findContainer = (index: FleetIndex, of: typeof scope, ref: string) => {
  const { row } = findObject(index, of, containerNoun, ref, {})
  return { row: { ...row, value: row.value as Container } }
}
const queryContainers = (index: FleetIndex, of: typeof scope, asked: ListQuery) =>
  queryRows(index, of, containerNoun, asked)
const answer = (index: FleetIndex, id: string, row: Container | null, version: Version) =>
  index.applyAnswer('h1', containerNoun, { engine: 'fake', id }, row, version)
const stateOf = (index: FleetIndex, ref: string) => findContainer(index, scope, ref).row.value.state

describe('the timeline', () => {
  test('what was removed is told by its name, also where the answer of whoever removed it came first', () => {
    const { index } = withHost(3)
    const gone = (sequence: number, id: string): RowChange => ({
      ...change(sequence, null, id),
      ...{ action: 'destroy', at: new Date(sequence).toISOString() },
    })
    index.applyChange('h1', gone(11, container(1).id))
    index.applyChange('h1', change(12, container(2, { state: 'running' }), container(2).id))
    answer(index, container(2).id, null, { epoch: 'e1', sequence: 13 })
    index.applyChange('h1', gone(13, container(2).id))
    const reported = index.timelineOf({ ...scope, seesHost: everyHost }).filter(({ action }) => action === 'destroy')
    expect(reported.map(({ subject }) => subject)).toEqual(['app-2', 'app-1'])
  })
})

describe('numbers', () => {
  const id = container(1).id

  test('a gap or a new epoch asks for the whole state; what is old is passed over', () => {
    const { index } = withHost(3)
    expect(index.applyChange('h1', change(11, container(1, { state: 'paused' }), id))).toBe(true)
    expect(index.applyChange('h1', change(11, container(1, { state: 'exited' }), id))).toBe(true)
    expect(stateOf(index, id)).toBe('paused')
    expect(index.applyChange('h1', change(13, container(1, { state: 'exited' }), id))).toBe(false)
    expect(index.applyChange('h1', change(12, container(1, { state: 'exited' }), id, 'e2'))).toBe(false)
    expect(stateOf(index, id)).toBe('paused')
  })

  test("a change's answer that is ahead of the stream stays until the stream has passed it", () => {
    const { index } = withHost(3)
    answer(index, id, container(1, { state: 'running' }), { epoch: 'e1', sequence: 13 })
    expect(index.applyChange('h1', change(11, container(1, { state: 'exited' }), id))).toBe(true)
    expect(stateOf(index, id)).toBe('running')
    expect(index.applyChange('h1', change(12, container(2), container(2).id))).toBe(true)
    expect(index.applyChange('h1', change(13, container(1, { state: 'running' }), id))).toBe(true)
    expect(index.applyChange('h1', change(14, container(1, { state: 'paused' }), id))).toBe(true)
    expect(stateOf(index, id)).toBe('paused')
  })

  test('what a removal took away does not come back with an older change', () => {
    const { index } = withHost(3)
    answer(index, id, null, { epoch: 'e1', sequence: 12 })
    index.applyChange('h1', change(11, container(1, { state: 'exited' }), id))
    expect(() => findContainer(index, scope, id)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }))
    index.applyChange('h1', change(12, null, id))
    index.applyChange('h1', change(13, container(1), id))
    expect(findContainer(index, scope, id).row.value.name).toBe('app-1')
  })

  test('an answer that the stream has passed, or of an agent that ended, brings nothing back', () => {
    const { index } = withHost(3)
    index.applyChange('h1', change(11, null, id))
    const repeated = container(1, { state: 'running' })
    answer(index, id, repeated, { epoch: 'e1', sequence: 9 })
    answer(index, id, repeated, { epoch: 'e0', sequence: 900 })
    expect(() => findContainer(index, scope, id)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }))
    const other = container(2).id
    answer(index, other, container(2, { state: 'paused' }), { epoch: 'e0', sequence: 900 })
    answer(index, other, null, { epoch: 'e0', sequence: 901 })
    expect(stateOf(index, other)).toBe('created')
    answer(index, id, repeated, { epoch: 'e1', sequence: 12 })
    expect(stateOf(index, id)).toBe('running')
  })

  test('a snapshot replaces all: what differs and what went is told, what is the same is not', () => {
    const { index } = withHost(4)
    const reported: IndexChange[] = []
    index.onChange((one) => reported.push(one))
    const containers = [container(0), container(1, { state: 'paused' }), container(9)]
    index.applySnapshot('h1', snapshotOf(containers), { epoch: 'e2', sequence: 1 })
    const changed = reported.flatMap((one) => (one.type === 'object' ? [one.nativeId] : []))
    expect(changed.sort()).toEqual([container(1).id, container(2).id, container(3).id, container(9).id].sort())
    expect(queryContainers(index, scope, query()).total).toBe(3)
  })
})

describe('a host that is away', () => {
  test('its rows are stale and as old as its silence; back, they are not', () => {
    const { index, clock } = withHost(2)
    clock.now += 60_000
    index.setState('h1', 'away', 'The link was cut off.')
    clock.now += 30_000
    const [row] = queryContainers(index, scope, query()).items
    expect(row).toMatchObject({ stale: true, observedAt: new Date(1_060_000).toISOString() })
    index.setState('h1', 'connected')
    expect(queryContainers(index, scope, query()).items[0]).toMatchObject({ stale: false })
  })

  const info = { id: 'fake', kind: 'oci', name: 'Native', version: null, runtimes: [], storageDriver: null }
  const engineIs = (state: 'ready' | 'unavailable'): EngineInfo => ({
    ...info,
    ...{ state, capabilities: {} },
    ...(state === 'ready' ? {} : { reason: 'Its daemon does not answer.' }),
  })

  test('where one engine is away, its rows alone are stale, with its reason', () => {
    const { index, clock } = withHost(2)
    const say = (state: 'ready' | 'unavailable') => index.setFacts('h1', null, [engineIs(state)])
    clock.now += 60_000
    say('unavailable')
    clock.now += 30_000
    const staleReason = 'Its daemon does not answer.'
    const away = { stale: true, staleReason, observedAt: new Date(1_060_000).toISOString() }
    expect(queryContainers(index, scope, query()).items).toMatchObject([away, away])
    say('ready')
    expect(queryContainers(index, scope, query()).items[0]).toMatchObject({ stale: false })
    expect(queryContainers(index, scope, query()).items[0]).not.toHaveProperty('staleReason')
  })

  test('an agent that starts while an engine is away leaves its rows as last known; one that has no such engine does not', () => {
    const { index, clock } = withHost(2)
    clock.now += 60_000
    index.setState('h1', 'away', 'The link was cut off.')
    clock.now += 30_000
    index.setState('h1', 'connecting')
    const nothing = snapshotOf([], new Set())
    index.setFacts('h1', null, [engineIs('unavailable')])
    index.applySnapshot('h1', nothing, { epoch: 'e2', sequence: 0 })
    index.setState('h1', 'connected')
    const away = { stale: true, staleReason: 'Its daemon does not answer.' }
    const row = { ...away, observedAt: new Date(1_060_000).toISOString() }
    expect(queryContainers(index, scope, query()).items).toMatchObject([row, row])
    index.setFacts('h1', null, [engineIs('ready')])
    index.applySnapshot('h1', snapshotOf([container(1)]), { epoch: 'e2', sequence: 1 })
    expect(queryContainers(index, scope, query()).items.map(({ name }) => name)).toEqual(['app-1'])
    index.setFacts('h1', null, [])
    index.applySnapshot('h1', nothing, { epoch: 'e3', sequence: 0 })
    expect(queryContainers(index, scope, query()).items).toEqual([])
  })
})

describe('lists of 20,000', () => {
  const { index } = withHost(20_000)

  test('pages by cursor give every row once, whatever comes and goes meanwhile', () => {
    const seen: string[] = []
    let cursor: string | undefined
    let pages = 0
    do {
      const page = queryContainers(index, scope, query({ cursor, limit: 997, sort: 'created' }))
      seen.push(...page.items.map(({ name }) => name))
      cursor = page.nextCursor ?? undefined
      pages += 1
      if (pages === 3) answer(index, container(5).id, null, { epoch: 'e1', sequence: 11 })
    } while (cursor !== undefined)
    expect(seen).toEqual(Array.from({ length: 20_000 }, (_, at) => `app-${at}`))
    answer(index, container(5).id, container(5), { epoch: 'e1', sequence: 12 })
  })

  test('filters, search and counts', () => {
    expect(queryContainers(index, scope, query())).toMatchObject({
      total: 20_000,
      counts: { running: 6667, exited: 6667, created: 6666 },
    })
    expect(queryContainers(index, scope, query({ state: 'running,created' }))).toMatchObject({
      total: 13_333,
      counts: { running: 6667, exited: 6667, created: 6666 },
    })
    expect(queryContainers(index, scope, query({ label: 'tier=front', state: 'running' }))).toMatchObject({
      total: 1334,
      counts: { running: 1334, exited: 1333, created: 1333 },
    })
    expect(queryContainers(index, scope, query({ limit: 3 })).items.map(({ name }) => name)).toEqual([
      'app-0',
      'app-1',
      'app-2',
    ])
    expect(queryContainers(index, scope, query({ label: 'tier=front' })).total).toBe(4000)
    expect(queryContainers(index, scope, query({ label: 'none' })).total).toBe(0)
    expect(queryContainers(index, scope, query({ search: 'redis app-1999' })).items.map(({ name }) => name)).toEqual([
      'app-1999',
      'app-19991',
      'app-19993',
      'app-19995',
      'app-19997',
      'app-19999',
    ])
    expect(queryContainers(index, scope, query({ search: '29999' })).items.map(({ name }) => name)).toEqual([
      'app-19999',
    ])
    expect(queryContainers(index, scope, query({ sort: 'created', order: 'desc', limit: 1 })).items[0]?.name).toBe(
      'app-19999',
    )
    expect(queryContainers(index, { organisationId: 'other' }, query())).toMatchObject({ total: 0, counts: {} })
  })

  test('an ambiguous prefix names candidates, a unique one is enough', () => {
    expect(() => findContainer(index, scope, '0000')).toThrow(expect.objectContaining({ code: 'CONFLICT' }))
    expect(findContainer(index, scope, '01999901').row.value.name).toBe('app-19999')
    expect(findContainer(index, scope, 'app-7').row.value.name).toBe('app-7')
  })

  test('for a change nothing is found by fewer than twelve digits of its id', () => {
    const { index } = withHost(3)
    const named = (ref: string) =>
      (findObject(index, scope, containerNoun, ref, { change: true }).row.value as Container).name
    const [{ id = '' } = {}] = queryContainers(index, scope, query({ search: 'app-2' })).items
    const native = container(2).id
    for (const ref of [id, id.slice(0, 12), native, native.slice(0, 12), 'app-2']) expect(named(ref)).toBe('app-2')
    for (const ref of [id.slice(0, 11), native.slice(0, 11)]) {
      expect(findContainer(index, scope, ref).row.value.name).toBe('app-2')
      expect(() => named(ref)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }))
    }
  })
})

describe("a host's counts and usage", () => {
  test('are those of its rows through changes, removals, answers and snapshots, for who sees all as for who is asked row by row', () => {
    const { index } = withHost(9)
    const host = index.host('h1')
    const both = () => {
      const counted = host?.toFleetHost()
      expect(host?.toFleetHost(() => true)).toEqual(counted)
      return counted
    }
    const sample = (at: number) => ({
      ...{ kind: 'container', engine: 'fake', id: container(at).id, at: new Date(0).toISOString() },
      ...{ cpuCores: at / 4, memoryBytes: 100 * at, pids: 1 },
    })
    expect(both()?.counts).toMatchObject({ containers: 9, running: 3 })
    index.applyUsage('h1', null, [sample(1), sample(2), sample(77)])
    expect(both()?.usage).toEqual({ cpuCores: 0.75, memoryBytes: 300 })
    index.applyChange('h1', change(11, container(1, { state: 'running' }), container(1).id))
    index.applyChange('h1', change(12, container(0, { state: 'exited' }), container(0).id))
    index.applyChange('h1', change(13, container(2, { state: 'running' }), container(2).id))
    expect(both()?.counts).toMatchObject({ containers: 9, running: 4 })
    answer(index, container(1).id, null, { epoch: 'e1', sequence: 14 })
    index.applyChange('h1', change(14, null, container(1).id))
    expect(both()).toMatchObject({
      ...{ counts: { containers: 8, running: 3 }, usage: { cpuCores: 0.5, memoryBytes: 200 } },
    })
    index.applySnapshot('h1', snapshotOf([container(2), container(3), container(20)]), { epoch: 'e2', sequence: 0 })
    expect(both()?.counts).toMatchObject({ containers: 3, running: 1 })
  })
})

test('of a host that is removed each object is told as gone', () => {
  const { index } = withHost(3)
  const ids = [...(index.host('h1')?.rows('container').keys() ?? [])]
  const changes: IndexChange[] = []
  index.onChange((change) => changes.push(change))
  index.removeHost('h1')
  const gone = changes.flatMap((change) =>
    change.type === 'object' && !index.isThere(change.holder) ? [change.id] : [],
  )
  expect([ids.length, gone]).toEqual([3, ids])
})
