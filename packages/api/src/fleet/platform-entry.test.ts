import { containerNoun } from '@flotilla/protocol'
import { nounsWithRule, ruleNoun } from '@flotilla/testkit/rule'
import { expect, test } from 'vitest'
import { FleetIndex, type IndexChange } from './fleet-index.ts'
import { platformId } from './ids.ts'

const scope = { organisationId: 'org' }
const web = platformId('container', 'h1', 'fake', 'web')
const container = { engine: 'fake', value: { id: 'web', engine: 'fake', name: 'web', labels: {} } }
const rule = (container: string | null) => ({ id: 'r1', name: 'disk', state: 'on', labels: {}, container })
const at = (revision: number) => ({ revision, changedAt: '2026-11-24T00:00:00.000Z' })

function withRule() {
  const index = new FleetIndex('org', Date.now, nounsWithRule)
  const host = index.addHost({ id: 'h1', organisationId: 'org', name: 'one', transport: 'socket' })
  const snapshot = { rows: new Map([['container', [container]]]), listed: new Set(['container fake']) }
  index.applySnapshot('h1', snapshot, { epoch: 'e1', sequence: 1 })
  const changes: IndexChange[] = []
  index.onChange((change) => changes.push(change))
  index.keep(scope, ruleNoun, 'r1', rule(web), at(1))
  return { index, host, changes }
}

test('what an object of the platform refers to is told as changed, and counts it among its users', () => {
  const { index, host, changes } = withRule()
  expect(changes).toMatchObject([
    { kind: 'rule', id: 'r1', hostId: null },
    { kind: 'container', id: web, hostId: 'h1' },
  ])
  expect(host.users(web, 'rule')).toBe(1)
  expect(host.users(web, 'rule', (_holder, kind) => kind !== 'rule')).toBe(0)
  index.keep(scope, ruleNoun, 'r1', rule(null), at(2))
  expect(host.users(web, 'rule')).toBe(0)
})

test('another organisation does not have it, nor does any host', () => {
  const { index, host } = withRule()
  expect(index.platform({ organisationId: 'other' }).rows('rule').size).toBe(0)
  expect(index.holders(scope, ruleNoun)).toEqual([index.platform(scope)])
  expect(index.holders(scope, containerNoun)).toEqual([host])
  expect(() => host.rows('rule')).toThrow()
  expect(Object.keys(host.toFleetHost().counts)).not.toContain('rules')
})

test('one that is gone is gone, and what it referred to is told', () => {
  const { index, host, changes } = withRule()
  changes.length = 0
  index.keep(scope, ruleNoun, 'r1', null, at(2))
  expect(changes.map(({ id }) => id)).toEqual(['r1', web])
  expect([index.platform(scope).rows('rule').size, host.users(web, 'rule')]).toEqual([0, 0])
})
