import { expect, test } from 'vitest'
import { FleetIndex } from '../fleet/fleet-index.ts'
import { everyHost, type HostSight } from '../fleet/host-sight.ts'
import { selectHosts } from './select-hosts.ts'

const reader = { organisationId: 'org' }
const index = new FleetIndex('org')
const add = (name: string, labels: Record<string, string>, groups: string[], organisationId = 'org') =>
  index.addHost({ id: `id-${name}`, organisationId, name, transport: 'websocket', labels, groups })
add('quay-2', { rack: 'b4', gpu: '' }, ['harbour', 'west'])
add('quay-1', { rack: 'b5' }, ['harbour'])
add('alone', {}, [])
add('foreign', { rack: 'b4' }, ['harbour'], 'other')

const names = (selector: string, seesHost = everyHost) =>
  selectHosts(index, { ...reader, seesHost }, selector).map(({ name }) => name)

test('a host is named by its id or its name', () => {
  expect(names('id-alone')).toEqual(['alone'])
  expect(names('alone')).toEqual(['alone'])
})

test('a group names its hosts, by name; one host may be in several', () => {
  expect(names('group:harbour')).toEqual(['quay-1', 'quay-2'])
  expect(names('group:west')).toEqual(['quay-2'])
})

test('a label names hosts with its value, or with any', () => {
  expect(names('label:rack=b4')).toEqual(['quay-2'])
  expect(names('label:rack')).toEqual(['quay-1', 'quay-2'])
  expect(names('label:gpu=')).toEqual(['quay-2'])
})

test('what the reader does not see is not there', () => {
  const seesFirst: HostSight = ({ id }) => id === 'id-quay-1'
  expect(names('group:harbour', seesFirst)).toEqual(['quay-1'])
  expect(() => names('quay-2', seesFirst)).toThrow('There is no host quay-2.')
  expect(() => names('group:west', seesFirst)).toThrow('No host is in the group west.')
  expect(() => names('foreign')).toThrow('There is no host foreign.')
})

test('nothing found and nothing named are said', () => {
  for (const selector of ['group:none', 'label:none', 'label:rack=b9', 'label:constructor', 'nobody'])
    expect(() => names(selector)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }))
  for (const selector of ['group:', 'label:', 'label:=b4'])
    expect(() => names(selector)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
})
