import type { FleetContainer, PortMapping } from '@flotilla/protocol'
import { describe, expect, it } from 'vitest'
import { matchesPort, portRows } from './port-rows.ts'

const mapping = (hostPort: number, hostIp = '', protocol: 'tcp' | 'udp' = 'tcp'): PortMapping => ({
  ...{ hostPort, hostIp, protocol, containerPort: 80 },
})
const container = (name: string, ports: PortMapping[], hostId = 'one') =>
  ({ id: `${hostId}-${name}`, name, hostId, hostName: hostId, ports }) as unknown as FleetContainer
const conflictsOf = (containers: FleetContainer[]) =>
  portRows(containers).map((row) => [row.container.name, row.conflicts.map(({ name }) => name)])

describe('the published ports of the fleet', () => {
  it('are in conflict where two containers of a host ask for the same', () => {
    expect(conflictsOf([container('a', [mapping(8080)]), container('b', [mapping(8080, '127.0.0.1')])])).toEqual([
      ['a', ['b']],
      ['b', ['a']],
    ])
  })

  it('are in none on other hosts, of other protocols, addresses or families', () => {
    expect(conflictsOf([container('a', [mapping(80)]), container('b', [mapping(80)], 'two')])).toEqual([
      ['a', []],
      ['b', []],
    ])
    const apart = [
      container('a', [mapping(53, '10.0.0.1')]),
      container('b', [mapping(53, '10.0.0.2')]),
      container('c', [mapping(53, '10.0.0.1', 'udp')]),
      container('d', [mapping(53, '::')]),
    ]
    expect(conflictsOf(apart).flatMap(([, others]) => others)).toEqual([])
  })

  it('are in none while their number is still to be chosen', () => {
    expect(conflictsOf([container('a', [mapping(0)]), container('b', [mapping(0)])])).toEqual([
      ['a', []],
      ['b', []],
    ])
  })

  it('are found by number, name and host', () => {
    const [row] = portRows([container('web', [mapping(8080)])])
    expect(row && matchesPort(row, '8080 web')).toBe(true)
    expect(row && matchesPort(row, '9090')).toBe(false)
  })
})
