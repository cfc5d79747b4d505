import {
  type Container,
  containerNoun,
  type EngineInfo,
  listQuery,
  type ListQuery,
  type RowChange,
} from '@flotilla/protocol'
import { expect, test } from 'vitest'
import { factsOf } from '../nouns/sight.ts'
import { FleetIndex } from './fleet-index.ts'
import type { Sight } from './holder.ts'
import { platformId, spanningId } from './ids.ts'
import { queryRows } from './query.ts'
import { toFleetRow } from './views.ts'

const scope = { organisationId: 'org' }
const identity = 'cluster-1'

const info = (id: string, state: EngineInfo['state'] = 'ready'): EngineInfo => ({
  ...{ id, kind: 'fake', name: 'Cluster', version: null, state, runtimes: [], storageDriver: null, capabilities: {} },
  spans: { identity },
})
const pod = (name: string, engine: string): Container => ({
  ...{ id: `uid-${name}`, engine, name, image: 'busybox', imageId: '', command: [], state: 'running', labels: {} },
  ...{ createdAt: '2026-01-01T00:00:00.000Z', startedAt: null, finishedAt: null, exitCode: null, oomKilled: false },
  ...{ restartCount: 0, ports: [], network: 'none', tty: false, createdByFlotilla: true },
})

/** Two hosts, a and b, that reach the engine by names of their own. */
function withTwo(allowed: readonly string[] = ['a', 'b']) {
  const clock = { now: 1_000_000 }
  const index = new FleetIndex('org', () => clock.now)
  const asked: string[] = []
  index.onAsk((hostId) => asked.push(hostId))
  for (const id of ['a', 'b']) index.addHost({ id, organisationId: 'org', name: `host-${id}`, transport: 'socket' })
  /** What an agent tells when it comes: its engine, all that this has, and that this was all. */
  const comes = (id: string, names: readonly string[]) => {
    index.bind(id, new Map([[identity, { id: 'e1', allowed: allowed.includes(id) }]]))
    index.setFacts(id, null, [info(`by-${id}`)])
    const rows = names.map((name) => ({ engine: `by-${id}`, value: pod(name, `by-${id}`) }))
    const snapshot = { rows: new Map([['container', rows]]), listed: new Set([`container by-${id}`]) }
    index.applySnapshot(id, snapshot, { epoch: `epoch-${id}`, sequence: 1 })
    index.setState(id, 'connected')
  }
  const tells = (id: string, sequence: number, name: string, row: Container | null) => {
    const change: RowChange = {
      ...{ type: 'row', version: { epoch: `epoch-${id}`, sequence }, kind: 'container', engine: `by-${id}` },
      ...{ id: `uid-${name}`, action: 'start', at: new Date().toISOString(), row, actor: null, operationId: null },
    }
    return index.applyChange(id, change)
  }
  const list = (sees?: Sight) => {
    const query = listQuery(containerNoun).parse({}) as ListQuery
    return queryRows(index, sees === undefined ? scope : { ...scope, sees }, containerNoun, query).items
  }
  const names = () => list().map(({ name, hostId, stale }) => `${name} ${hostId}${stale ? ' stale' : ''}`)
  return { index, clock, asked, comes, tells, list, names }
}

test('an id is of the engine, and no engine can be named so that it is that of a host’s object', () => {
  const { index, comes } = withTwo()
  comes('a', ['web'])
  const [entry] = index.engines(scope)
  expect([...(entry?.rows('container').keys() ?? [])]).toEqual([spanningId('container', 'org', identity, 'uid-web')])
  expect(spanningId('container', 'org', 'a', 'docker\nweb')).not.toBe(
    platformId('container', 'org', 'a', 'docker\nweb'),
  )
  expect(spanningId('container', 'org', identity, 'x')).not.toBe(spanningId('container', 'other', identity, 'x'))
})

test('what the one that stands by tells is passed over, and its numbers go on', () => {
  const { comes, tells, names, asked } = withTwo()
  comes('a', ['web', 'db'])
  comes('b', ['web'])
  expect(names()).toEqual(['db a', 'web a'])
  expect(tells('b', 2, 'web', null)).toBe(true)
  expect(tells('b', 3, 'new', pod('new', 'by-b'))).toBe(true)
  expect(names()).toEqual(['db a', 'web a'])
  expect(tells('a', 2, 'db', null)).toBe(true)
  expect(names()).toEqual(['web a'])
  expect(asked).toEqual([])
})

test('where the source goes the next is asked for its state, and till then all stays as it was told', () => {
  const { index, comes, tells, names, asked, list } = withTwo()
  comes('a', ['web', 'db'])
  comes('b', ['web', 'db'])
  index.setState('a', 'away', 'gone')
  expect(asked).toEqual(['b'])
  expect(names()).toEqual(['db b', 'web b'])
  expect(list()[0]).toMatchObject({ hostIds: ['b'], engine: 'by-b', hostName: 'host-b' })
  // What it tells before its state has come may be older than what is known.
  tells('b', 2, 'web', null)
  expect(names()).toEqual(['db b', 'web b'])
  comes('b', ['db', 'new'])
  expect(names()).toEqual(['db b', 'new b'])
  comes('a', ['web'])
  expect(names()).toEqual(['db b', 'new b'])
  expect(list()[0]?.hostIds).toEqual(['b', 'a'])
  expect(asked).toEqual(['b'])
})

test('an agent that is there and does not reach the engine any more is no source', () => {
  const { index, clock, comes, names, list } = withTwo()
  comes('a', ['web'])
  comes('b', ['web'])
  index.setFacts('a', null, [info('by-a', 'unavailable')])
  expect(names()).toEqual(['web b'])
  clock.now += 60_000
  index.setState('b', 'away', 'gone', clock.now)
  expect(names()).toEqual(['web a stale'])
  expect(list()[0]).toMatchObject({ hostIds: [], observedAt: new Date(1_000_000).toISOString() })
})

test('it is gone when the last agent that may speak for it names it no more', () => {
  const { index, comes, names } = withTwo()
  comes('a', ['web'])
  comes('b', ['web'])
  const leaves = (id: string) => {
    index.setFacts(id, null, [])
    index.applySnapshot(id, { rows: new Map(), listed: new Set() }, { epoch: `epoch-${id}`, sequence: 5 })
  }
  leaves('a')
  expect(names()).toEqual(['web b'])
  leaves('b')
  expect(names()).toEqual([])
  comes('a', ['web'])
  expect(names()).toEqual(['web a'])
})

test('who sees it by one agent alone is told of that one, and finds it counted there', () => {
  const { index, comes, list } = withTwo()
  comes('a', ['web'])
  comes('b', ['web'])
  const sees: Sight = (holder, kind, row, through) =>
    factsOf(holder, kind, row, through).some(({ hostId }) => hostId === 'b')
  expect(list(sees)).toMatchObject([{ hostId: 'b', hostName: 'host-b', hostIds: ['b'] }])
  const counted = (of?: Sight) => ['a', 'b'].map((id) => index.host(id)?.toFleetHost(of).counts.containers)
  expect([counted(), counted(sees)]).toEqual([
    [1, 0],
    [0, 1],
  ])
})

test('one that nobody has allowed is heard in nothing: no state, no change, no answer, no usage', () => {
  const { index, comes, tells, names, asked } = withTwo(['a'])
  comes('a', ['web'])
  comes('b', ['false'])
  tells('b', 2, 'web', null)
  index.applyAnswer('b', containerNoun, { engine: 'by-b', id: 'uid-web' }, null, { epoch: 'epoch-b', sequence: 9 })
  const sample = { engine: 'by-b', id: 'uid-web', at: new Date().toISOString(), cpuCores: 9, memoryBytes: 9, pids: 9 }
  index.applyUsage('b', null, [sample])
  expect(names()).toEqual(['web a'])
  expect(index.engines(scope)[0]?.usageSum()).toEqual({ cpuCores: null, memoryBytes: null })
  index.setState('a', 'away', 'gone')
  expect([names(), asked]).toEqual([['web a stale'], []])
  index.removeHost('b')
  expect(names()).toEqual(['web a stale'])
})

test('a host that is removed takes along what it alone may speak for', () => {
  const { index, comes, names } = withTwo()
  comes('a', ['web'])
  comes('b', ['web'])
  index.removeHost('a')
  expect(names()).toEqual(['web b'])
  const gone: string[] = []
  index.onChange((change) => {
    if (change.type === 'object' && !index.isThere(change.holder)) gone.push(change.id)
  })
  index.removeHost('b')
  expect([names(), gone]).toEqual([[], [spanningId('container', 'org', identity, 'uid-web')]])
})

test('a row without another tells what a row of one machine always told', () => {
  const { index } = withTwo()
  const host = index.host('a')
  const row = { id: 'x', engine: 'oci', value: pod('web', 'oci'), epoch: '', sequence: 0, observedAt: 0 }
  if (host === undefined) throw new Error('there is no host')
  expect(Object.keys(toFleetRow(containerNoun, host, row))).not.toContain('hostIds')
})
