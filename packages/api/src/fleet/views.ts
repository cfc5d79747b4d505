import type { Container, FleetContainer, FleetImage, Image } from '@flotilla/protocol'
import type { HostEntry } from './host-entry.ts'
import type { Row } from './object-table.ts'

/** A row as it goes out: the platform's ids, and how fresh it is. */
export function toFleetContainer(host: HostEntry, row: Row<Container>): FleetContainer {
  const sample = row.value.state === 'running' ? host.usage.get(row.id) : undefined
  return {
    ...row.value,
    id: row.id,
    nativeId: row.value.id,
    hostId: host.id,
    hostName: host.name,
    usage: sample === undefined ? null : { cpuCores: sample.cpuCores, memoryBytes: sample.memoryBytes },
    ...freshness(host, row.observedAt),
  }
}

export function toFleetImage(host: HostEntry, row: Row<Image>): FleetImage {
  return {
    ...row.value,
    id: row.id,
    imageId: row.value.id,
    hostId: host.id,
    hostName: host.name,
    usedBy: row.value.usedBy.map((nativeId) => host.containers.idOf(row.value.engine, nativeId)),
    ...freshness(host, row.observedAt),
  }
}

/** While the host was there it would have said what changed: a stale row is as old as the host's silence. */
function freshness(host: HostEntry, observedAt: number): { observedAt: string; stale: boolean } {
  const at = host.stale ? Math.max(observedAt, host.lastSeenAt ?? 0) : observedAt
  return { observedAt: new Date(at).toISOString(), stale: host.stale }
}
