import type { AnyNoun, FleetRow, Known, Noun, Row } from '@flotilla/protocol'
import { everything, type Holder, type Sight } from './holder.ts'
import type { IndexRow } from './object-table.ts'

/** The type of a noun's row as the platform gives it out. */
export type FleetRowOf<N extends AnyNoun> =
  N extends Noun<string, infer R, infer _Detail, infer Fields, infer Hidden, infer _Methods, infer _View, infer Place>
    ? FleetRow<R, Fields, Hidden, Place>
    : never

/** What the platform knows of a row beside what its engine says, for a reader of this sight. */
export function knownOf(holder: Holder, row: IndexRow, sees: Sight = everything): Known {
  const sample = holder.usage.get(row.id)
  return {
    hostName: holder.name,
    usage: sample === undefined ? null : { cpuCores: sample.cpuCores, memoryBytes: sample.memoryBytes },
    users: (kind) => holder.users(row.id, kind, sees),
  }
}

/** A row as it goes out: the platform's ids, what it knows by itself, and how fresh it is. */
export function toFleetRow<N extends AnyNoun>(
  noun: N,
  holder: Holder,
  row: IndexRow,
  sees: Sight = everything,
): FleetRowOf<N> {
  const added = noun.adds?.of(row.value, knownOf(holder, row, sees)) as object | undefined
  const shown: Record<string, unknown> = { ...row.value, ...holder.placed(row, noun.kind, sees), ...added }
  for (const name of noun.hides ?? []) delete shown[name as keyof Row]
  return shown as FleetRowOf<N>
}
