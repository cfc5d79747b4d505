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
    ...freshness(host, row.value.engine, row.observedAt),
  }
}

export function toFleetImage(host: HostEntry, row: Row<Image>): FleetImage {
  const { usedBy, ...image } = row.value
  return {
    ...image,
    id: row.id,
    imageId: image.id,
    containerCount: usedBy.length,
    hostId: host.id,
    hostName: host.name,
    ...freshness(host, image.engine, row.observedAt),
  }
}

/** While host and engine were there they would have said what changed: a stale row is as old as their silence. */
function freshness(
  host: HostEntry,
  engine: string,
  observedAt: number,
): Pick<FleetContainer, 'observedAt' | 'stale' | 'staleReason'> {
  const heard = host.enginesAway.get(engine) ?? (host.stale ? (host.lastSeenAt ?? 0) : 0)
  const reason = host.engineReason(engine)
  return {
    observedAt: new Date(Math.max(observedAt, heard)).toISOString(),
    stale: host.isStale(engine),
    ...(reason === undefined ? {} : { staleReason: reason }),
  }
}
