import { because, Container, containerNoun, type Reason, reasonFields, type Row } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import { FleetIndex } from './fleet-index.ts'
import { everything, type Sight } from './holder.ts'
import { seenRow } from './seen-row.ts'

const engine = 'fake'
const id = 'b'.repeat(64)
const hidden: Row = { id, name: 'secret', engine } as Row
const sees: Sight = (_holder, _kind, { value }) => value.id !== id

/** What a reader who does not see `secret` has of a container that says this of itself. */
function shown(says: { network: string; stateReason?: string; stateReasonFacts?: Reason }, sight = sees) {
  const value = Container.parse({
    ...{ id: 'a'.repeat(64), engine, name: 'sharer', image: 'x', imageId: '', command: [], state: 'running' },
    ...{ exitCode: null, createdAt: '2026-01-01T00:00:00.000Z', startedAt: null, finishedAt: null, ports: [] },
    ...{ labels: {}, tty: false, createdByFlotilla: true, ...says },
  })
  const index = new FleetIndex('org', () => 1_000_000)
  const host = index.addHost({ id: 'h1', organisationId: 'org', name: 'one', transport: 'socket' })
  const rows = [value, { ...value, ...hidden }].map((each) => ({ engine, value: each }))
  const known = { rows: new Map([['container', rows]]), listed: new Set([`container ${engine}`]) }
  index.applySnapshot('h1', known, { epoch: 'e1', sequence: 1 })
  const row = [...host.rows('container').values()].find((each) => each.value.id === value.id)
  if (row === undefined) throw new Error('the row was not taken in')
  const { network, stateReason, stateReasonFacts } = seenRow(containerNoun, host, row, sight) as Container
  return { network, stateReason, ...(stateReasonFacts === undefined ? {} : { stateReasonFacts }) }
}

test.each(['secret', id, id.slice(0, 12), 'gone'])('a shared network does not tell of %s', (ref) => {
  expect(shown({ network: `container:${ref}` })).toEqual({ network: 'container:[hidden]', stateReason: undefined })
  expect(shown({ network: `container:${ref}` }, everything).network).toBe(`container:${ref}`)
})

test('a network that is no container, or one that is seen, is told as it is', () => {
  expect(shown({ network: 'bridge' }).network).toBe('bridge')
  expect(shown({ network: 'container:sharer' }).network).toBe('container:sharer')
})

test.each([
  ['secret, whose network it shares, is not running.', '[hidden], whose network it shares, is not running.'],
  ['It could not join secret.', 'It could not join [hidden].'],
  [`no network of ${id} or ${id.slice(0, 12)}`, 'no network of [hidden] or [hidden]'],
  ['a secretary and top-secret', 'a secretary and top-secret'],
])('the reason of an older agent, %s', (stateReason, clean) => {
  expect(shown({ network: 'container:secret', stateReason }).stateReason).toBe(clean)
  expect(shown({ network: 'container:secret', stateReason }, everything).stateReason).toBe(stateReason)
})

const named = (name: string, reason: Reason, sight = sees) =>
  shown({ network: `container:${name}`, ...reasonFields('stateReason', reason) }, sight)

test('a reason of a known kind has its own words, and no hidden name in what stands in them', () => {
  const message = 'secret is not running, nor is could.'
  const reason = because('container.notStartedAgain', { message })
  const clean = because('container.notStartedAgain', { message: '[hidden] is not running, nor is could.' })
  expect(named('secret', reason)).toEqual({
    network: 'container:[hidden]',
    ...reasonFields('stateReason', clean),
  })
  expect(named('could', reason)).toMatchObject({
    stateReason: 'It could not be started again: secret is not running, nor is [hidden].',
  })
  expect(named('secret', reason, everything)).toMatchObject(reasonFields('stateReason', reason))
})

test('a reason says no more in its sentence than its kind does, whatever the agent wrote there', () => {
  const stateReasonFacts = because('container.ownerGone')
  const row = shown({ network: 'container:secret', stateReason: 'It is s-e-c-r-e-t.', stateReasonFacts })
  expect(row).toEqual({ network: 'container:[hidden]', ...reasonFields('stateReason', stateReasonFacts) })
})

test('a reason of a kind that is not known here is cleaned in its sentence and in its parameters', () => {
  const stateReasonFacts: Reason = { kind: 'container.newer', params: { name: 'secret', count: 2 } }
  expect(shown({ network: 'container:secret', stateReason: 'It waits for secret.', stateReasonFacts })).toEqual({
    network: 'container:[hidden]',
    stateReason: 'It waits for [hidden].',
    stateReasonFacts: { kind: 'container.newer', params: { name: '[hidden]', count: 2 } },
  })
})
