import { type Order, orderRows } from '../../../table/order-rows.ts'
import type { PortRow } from './port-rows.ts'

/** What the ports are sorted by. The first is the order in which they come: by host, those of containers first. */
export const portSorts = ['host', 'port', 'address', 'container'] as const
export type PortOrder = Order<(typeof portSorts)[number]>

const keys: Record<PortOrder['by'], (row: PortRow) => string | number> = {
  host: ({ hostName }) => hostName,
  port: ({ port }) => port.hostPort,
  address: ({ port }) => port.hostIp,
  container: ({ container, program }) => container?.name ?? program?.name ?? '',
}

/** Rows as they come, in this order. */
export function orderPorts(rows: readonly PortRow[], { by, order }: PortOrder): readonly PortRow[] {
  return orderRows(rows, keys[by], order)
}
