import type { FleetContainer, FleetHostPorts, PortMapping, Reach } from '@flotilla/protocol'
import { describe, expect, it } from 'vitest'
import { matchesPort, portRows } from './port-rows.ts'

const mapping = (hostPort: number, hostIp = '', protocol: 'tcp' | 'udp' = 'tcp'): PortMapping => ({
  ...{ hostPort, hostIp, protocol, containerPort: 80 },
})
const container = (name: string, ports: PortMapping[], hostId = 'one') =>
  ({ id: `${hostId}-${name}`, name, hostId, hostName: hostId, ports }) as unknown as FleetContainer
const conflictsOf = (containers: FleetContainer[]) =>
  portRows(containers).map((row) => [row.container?.name, row.conflicts.map(({ name }) => name)])

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

  const web = container('web', [mapping(8080)])
  const no: Reach = { family: 'ipv4', verdict: 'no', from: [], notFrom: [], reason: 'loopback', rule: null }
  const answer: FleetHostPorts = {
    ...{ hostId: 'one', hostName: 'one', at: '2026-01-01T00:00:00.000Z' },
    published: [{ containerId: web.id, port: mapping(8080), reach: [no] }],
    held: [
      { protocol: 'tcp', address: '', port: 22, program: 'sshd', pid: 7, container: null, reach: [] },
      {
        ...{ protocol: 'tcp', address: '', port: 90, program: 'node', pid: 8, reach: [] },
        container: { id: web.id, name: 'web' },
      },
    ],
  }

  it('have the verdict of their host, and stand before what its other programs hold', () => {
    const rows = portRows([web], new Map([['one', answer]]))
    expect(
      rows.map(({ port, container: of, program, reach }) => [port.hostPort, of?.name, program?.name, reach]),
    ).toEqual([
      [90, 'web', 'node', []],
      [8080, 'web', undefined, [no]],
      [22, undefined, 'sshd', []],
    ])
    expect(rows.filter((row) => matchesPort(row, 'sshd one'))).toHaveLength(1)
  })

  it('are in conflict with the program that has the port, and it with them', () => {
    const program = {
      protocol: 'tcp',
      address: '0.0.0.0',
      port: 8080,
      program: 'node',
      pid: 9,
      container: null,
    } as const
    const held = [
      { ...program, reach: [] },
      { ...program, address: '10.0.0.1', program: 'java', reach: [] },
    ]
    const rows = portRows([web], new Map([['one', { ...answer, published: [], held }]]))
    const rival = (name: string, isProgram: boolean) => ({ name, isProgram })
    expect(rows.map(({ conflicts }) => conflicts)).toEqual([
      [rival('node', true), rival('java', true)],
      [rival('web', false)],
      [rival('web', false)],
    ])
    const elsewhere = container('web', [mapping(8080, '127.0.0.2')])
    const other = [{ ...program, address: '127.0.0.1', reach: [] }]
    expect(portRows([elsewhere], new Map([['one', { ...answer, published: [], held: other }]]))[0]?.conflicts).toEqual(
      [],
    )
  })

  it('have none while their host was not asked, and none for good where it gave no answer', () => {
    expect(portRows([web])[0]?.reach).toBeUndefined()
    expect(portRows([web], new Map([['one', null]]))[0]?.reach).toBeNull()
  })
})
