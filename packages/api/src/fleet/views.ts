import type { AnyNoun, FleetRow, Known, Noun, Row } from '@flotilla/protocol'
import { everything, type Holder, type Sight } from './holder.ts'
import type { IndexRow } from './object-table.ts'
import { referredTo, seenRow } from './seen-row.ts'

/** The type of a noun's row as the platform gives it out. */
export type FleetRowOf<N extends AnyNoun> =
  N extends Noun<string, infer R, infer _Detail, infer Fields, infer Hidden, infer _Methods, infer _View, infer Place>
    ? FleetRow<R, Fields, Hidden, Place>
    : never

/** What the platform knows of a row beside what its engine says, for a reader of this sight. */
export function knownOf(noun: AnyNoun, holder: Holder, row: IndexRow, sees: Sight = everything): Known {
  return new KnownOfRow(noun, holder, row, sees)
}

/** Made for each row of a list at each query: each part is looked up when it is asked for. */
class KnownOfRow implements Known {
  readonly #noun: AnyNoun
  readonly #holder: Holder
  readonly #row: IndexRow
  readonly #sees: Sight

  constructor(noun: AnyNoun, holder: Holder, row: IndexRow, sees: Sight) {
    this.#noun = noun
    this.#holder = holder
    this.#row = row
    this.#sees = sees
  }

  get hostName(): string {
    return this.#holder.name
  }

  get usage(): Known['usage'] {
    const sample = this.#holder.usage.get(this.#row.id)
    return sample === undefined ? null : { cpuCores: sample.cpuCores, memoryBytes: sample.memoryBytes }
  }

  get users(): Known['users'] {
    return (kind) => this.#holder.users(this.#row.id, kind, this.#sees)
  }

  get refersTo(): Known['refersTo'] {
    return (kind, called) => refersTo(this.#noun, this.#holder, this.#row, this.#sees, { kind, called })
  }
}

/** By an id that is not known here too: what an engine has not told yet is hidden from nobody. */
function refersTo(
  noun: AnyNoun,
  holder: Holder,
  row: IndexRow,
  sees: Sight,
  { kind, called }: { kind: string; called: string },
): boolean {
  const refs = noun.refs?.(row.value) ?? []
  return refs.some((ref) => {
    if (ref.kind !== kind) return false
    const other = referredTo(holder, row, ref)
    if (other === undefined) return ref.id === called
    return sees(holder, kind, other) && (ref.id === called || holder.isCalled(kind, other, called))
  })
}

/** A row as it goes out: the platform's ids, what it knows by itself, and how fresh it is. */
export function toFleetRow<N extends AnyNoun>(
  noun: N,
  holder: Holder,
  row: IndexRow,
  sees: Sight = everything,
): FleetRowOf<N> {
  const added = noun.adds?.of(row.value, knownOf(noun, holder, row, sees)) as object | undefined
  const seen = seenRow(noun, holder, row, sees)
  const shown: Record<string, unknown> = { ...seen, ...holder.placed(row, noun.kind, sees), ...added }
  for (const name of noun.hides ?? []) delete shown[name as keyof Row]
  return shown as FleetRowOf<N>
}
