import { shareAddress } from '../../address.ts'
import { fail } from '../../errors/index.ts'
import type { PortMapping } from './container.ts'

/** Whether two ports cannot both be had on the host: of one number and protocol, and with an address in common. */
export const collide = (one: PortMapping, other: PortMapping): boolean =>
  one.hostPort === other.hostPort && one.protocol === other.protocol && shareAddress(one.hostIp, other.hostIp)

/**
 * Throws CONFLICT where one place on the host is asked for twice, also as one of all of its addresses, or is one of those that are
 * there: it can lead to one port only. The field is of those that are asked for.
 */
export function refuseDoubles(asked: readonly PortMapping[], there: readonly PortMapping[] = []): void {
  for (const [at, mapping] of asked.entries()) {
    if (mapping.hostPort === 0) continue
    if (![...there, ...asked.slice(0, at)].some((other) => collide(other, mapping))) continue
    const place = `${mapping.protocol.toUpperCase()} port ${mapping.hostPort}`
    throw fail('port.askedTwice', { place }, { field: ['ports', at, 'hostPort'] })
  }
}
