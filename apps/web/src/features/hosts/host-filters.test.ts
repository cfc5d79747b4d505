import type { FleetHost } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import { filteredHosts, hostFilters } from './host-filters.ts'

const host = (name: string, groups: string[], labels: Record<string, string>) =>
  ({ name, groups, labels }) as unknown as FleetHost
const hosts = [
  host('quay-1', ['harbour'], { rack: 'b4', gpu: '' }),
  host('quay-2', ['harbour', 'west'], { rack: 'b5' }),
  host('alone', [], {}),
]
const titles = { group: 'Group', label: 'Label' }
const namesOf = (filter: Parameters<typeof filteredHosts>[1]) => filteredHosts(hosts, filter).map(({ name }) => name)

test('hosts are narrowed to a group, and to those that have all the labels', () => {
  expect(namesOf({})).toHaveLength(3)
  expect(namesOf({ group: 'harbour' })).toEqual(['quay-1', 'quay-2'])
  expect(namesOf({ group: 'harbour', label: 'gpu' })).toEqual(['quay-1'])
  expect(namesOf({ label: 'rack=b4,gpu' })).toEqual(['quay-1'])
  expect(namesOf({ label: 'rack' })).toEqual([])
})

test('the chips offer what hosts have, with how many, and what is chosen though none has it', () => {
  const [group, label] = hostFilters(hosts, { group: 'gone' }, titles)
  expect(group?.choices.map(({ value, count }) => [value, count])).toEqual([
    ['gone', 0],
    ['harbour', 2],
    ['west', 1],
  ])
  expect(label).toMatchObject({ several: true })
  expect(label?.choices.map(({ value }) => value)).toEqual(['gpu', 'rack=b4', 'rack=b5'])
  expect(hostFilters([hosts[2] as FleetHost], {}, titles)).toEqual([null, null])
})
