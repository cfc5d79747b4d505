import type { AnyNoun, FleetRow, Known, Noun, Placed, Row } from '@flotilla/protocol'
import { everything, type HostEntry, type Sight } from './host-entry.ts'
import type { IndexRow } from './object-table.ts'

/** The type of a noun's row as the platform gives it out. */
export type FleetRowOf<N extends AnyNoun> =
  N extends Noun<string, infer R, infer _Detail, infer Fields, infer Hidden, infer _Methods, infer _View>
    ? FleetRow<R, Fields, Hidden>
    : never

/** What the platform knows of a row beside what its engine says, for a reader of this sight. */
export function knownOf(host: HostEntry, row: IndexRow, sees: Sight = everything): Known {
  const sample = host.usage.get(row.id)
  return {
    hostName: host.name,
    usage: sample === undefined ? null : { cpuCores: sample.cpuCores, memoryBytes: sample.memoryBytes },
    users: (kind) => host.users(row.id, kind, sees),
  }
}

/** A row as it goes out: the platform's ids, what it knows by itself, and how fresh it is. */
export function toFleetRow<N extends AnyNoun>(
  noun: N,
  host: HostEntry,
  row: IndexRow,
  sees: Sight = everything,
): FleetRowOf<N> {
  const placed: Placed = {
    id: row.id,
    nativeId: row.value.id,
    hostId: host.id,
    hostName: host.name,
    ...freshness(host, row.engine, row.observedAt),
  }
  const added = noun.adds?.of(row.value, knownOf(host, row, sees)) as object | undefined
  const shown: Record<string, unknown> = { ...row.value, ...placed, ...added }
  for (const name of noun.hides ?? []) delete shown[name as keyof Row]
  return shown as FleetRowOf<N>
}

/** While host and engine were there they would have said what changed: a stale row is as old as their silence. */
function freshness(
  host: HostEntry,
  engine: string,
  observedAt: number,
): Pick<Placed, 'observedAt' | 'stale' | 'staleReason'> {
  const heard = host.enginesAway.get(engine) ?? (host.stale ? (host.lastSeenAt ?? 0) : 0)
  const reason = host.engineReason(engine)
  return {
    observedAt: new Date(Math.max(observedAt, heard)).toISOString(),
    stale: host.isStale(engine),
    ...(reason === undefined ? {} : { staleReason: reason }),
  }
}
