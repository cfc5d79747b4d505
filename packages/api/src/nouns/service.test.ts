import { Container, containerNoun, fail, networkNoun, type Row, volumeNoun } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import type { ActorContext } from '../context.ts'
import { FleetIndex } from '../fleet/fleet-index.ts'
import { applied } from './service.ts'

const engine = 'fake'
const at = { epoch: 'e1', sequence: 10 }

/** An index that knows these rows, and what a change's answer is applied with. */
function withRows(kind: string, rows: readonly Row[]) {
  const index = new FleetIndex('org', () => 1_000_000)
  const host = index.addHost({ id: 'h1', organisationId: 'org', name: 'one', transport: 'socket' })
  const known = {
    rows: new Map([[kind, rows.map((value) => ({ engine, value }))]]),
    listed: new Set([`${kind} ${engine}`]),
  }
  index.applySnapshot('h1', known, at)
  index.setState('h1', 'connected')
  const ctx = { app: { index } } as unknown as ActorContext
  const valuesOf = () => [...host.rows(kind).values()].map(({ value }) => value)
  return { ctx, place: { host, engine }, valuesOf }
}

const named = (id: string) => ({ id, engine, name: id, labels: {} })

test.each([networkNoun, volumeNoun])('a list right after a prune of $plural lacks what went', (noun) => {
  const { ctx, place, valuesOf } = withRows(noun.kind, ['a', 'b', 'c'].map(named))
  const answer = {
    removed: ['a', 'c'],
    retained: [{ id: 'b', error: fail('volume.inUse', { name: 'b', count: 1 }).reported() }],
    freedBytes: 0,
  }
  expect(applied(ctx, { noun, method: noun.methods.prune }, place, answer)).toBe(answer)
  expect(valuesOf()).toEqual([named('b')])
})

test('a list right after a change of its networks shows the container as the answer does', () => {
  const before = Container.parse({
    ...named('box'),
    ...{
      image: 'x',
      imageId: '',
      command: [],
      state: 'running',
      exitCode: null,
      createdAt: '2026-01-01T00:00:00.000Z',
    },
    ...{ startedAt: null, finishedAt: null, ports: [], network: 'bridge', tty: false, createdByFlotilla: true },
  })
  const { ctx, place, valuesOf } = withRows(containerNoun.kind, [before])
  const container = { ...before, ipAddress: '10.1.2.3' }
  const answer = { container, version: { ...at, sequence: 11 } }
  applied(ctx, { noun: networkNoun, method: networkNoun.methods.connect }, place, answer)
  expect(valuesOf()).toEqual([container])
  const late = { container: before, version: { ...at, sequence: 9 } }
  applied(ctx, { noun: networkNoun, method: networkNoun.methods.disconnect }, place, late)
  expect(valuesOf()).toEqual([container])
})
