import { expect, test } from 'vitest'
import { orderPorts, type PortOrder } from './port-order.ts'
import type { PortRow } from './port-rows.ts'

const row = (id: string, hostName: string, port: { hostPort: number; hostIp: string }, owner: Partial<PortRow>) =>
  ({ id, hostName, port, container: null, program: null, ...owner }) as PortRow
const inContainer = (name: string) => ({ container: { name } as PortRow['container'] })
const rows = [
  row('a', 'host-2', { hostPort: 8080, hostIp: '' }, inContainer('web')),
  row('b', 'host-2', { hostPort: 22, hostIp: '0.0.0.0' }, { program: { name: 'sshd', pid: 7 } }),
  row('c', 'host-10', { hostPort: 443, hostIp: '127.0.0.1' }, inContainer('proxy')),
]
const idsBy = (by: PortOrder['by'], order: PortOrder['order']) =>
  orderPorts(rows, { by, order })
    .map(({ id }) => id)
    .join('')

test('ports are sorted by host, number, address and owner, numbers in names as numbers', () => {
  expect(idsBy('host', 'asc')).toBe('abc')
  expect(idsBy('host', 'desc')).toBe('cab')
  expect(idsBy('port', 'asc')).toBe('bca')
  expect(idsBy('port', 'desc')).toBe('acb')
  expect(idsBy('address', 'asc')).toBe('abc')
  expect(idsBy('container', 'asc')).toBe('cba')
})
