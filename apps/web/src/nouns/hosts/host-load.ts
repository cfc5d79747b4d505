import type { FleetHost } from '@flotilla/protocol'

/** Shares of a host's means, 0 to 1; null where the host has not said. */
export interface HostLoad {
  /** What containers use of its processors. */
  cpu: number | null
  /** All that is in use, and what of it containers hold. */
  memory: number | null
  memoryOfContainers: number | null
  disk: number | null
}

export function hostLoad(host: Pick<FleetHost, 'facts' | 'usage'>): HostLoad {
  const { facts, usage } = host
  if (facts === null) return { cpu: null, memory: null, memoryOfContainers: null, disk: null }
  const share = (part: number, whole: number) => (whole > 0 ? part / whole : null)
  return {
    cpu: usage.cpuCores === null ? null : share(usage.cpuCores, facts.cpus),
    memory: share(facts.memoryBytes - facts.memoryAvailableBytes, facts.memoryBytes),
    memoryOfContainers: usage.memoryBytes === null ? null : share(usage.memoryBytes, facts.memoryBytes),
    disk: share(facts.diskTotalBytes - facts.diskFreeBytes, facts.diskTotalBytes),
  }
}
