import type { PortMapping } from '@flotilla/protocol'
import { canonicalAddress } from '@flotilla/protocol/address'

/**
 * What came of a port that was asked for: the mapping that is new since `before`, or the one that was there already and is as good.
 * Pure.
 */
export function publishedPort(
  asked: PortMapping,
  before: readonly PortMapping[],
  after: readonly PortMapping[],
): { made?: PortMapping | undefined; there?: PortMapping | undefined } {
  const fitting = after.filter(
    (each) =>
      each.containerPort === asked.containerPort &&
      each.protocol === asked.protocol &&
      each.hostIp === canonicalAddress(asked.hostIp) &&
      (asked.hostPort === 0 || each.hostPort === asked.hostPort),
  )
  const known = new Set(before.map(keyOf))
  return { made: fitting.find((each) => !known.has(keyOf(each))), there: fitting[0] }
}

const keyOf = ({ hostIp, hostPort, containerPort, protocol }: PortMapping): string =>
  `${hostIp} ${hostPort} ${containerPort} ${protocol}`
