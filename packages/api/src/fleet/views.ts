import type { AnyNoun, FleetRow, Known, Noun, Placed, Row } from '@flotilla/protocol'
import { everything, type Holder, type Sight } from './holder.ts'
import type { IndexRow } from './object-table.ts'
import { referredTo, seenRow } from './seen-row.ts'

/** The type of a noun's row as the platform gives it out. */
export type FleetRowOf<N extends AnyNoun> =
  N extends Noun<string, infer R, infer _Detail, infer Fields, infer Hidden, infer _Methods, infer _View, infer Place>
    ? FleetRow<R, Fields, Hidden, Place>
    : never

/**
 * What the platform knows of a row beside what its engine says, for a reader of this sight: of one row after the other, so that
 * nothing is made for each row of a list. Each part is looked up when it is asked for.
 */
export class KnownOfRows implements Known {
  readonly #noun: AnyNoun
  readonly #sees: Sight
  #holder!: Holder
  #row!: IndexRow
  readonly users: Known['users'] = (kind) => this.#holder.users(this.#row.id, kind, this.#sees)
  readonly refersTo: Known['refersTo'] = (kind, called) =>
    refersTo(this.#noun, this.#holder, this.#row, this.#sees, { kind, called })

  constructor(noun: AnyNoun, sees: Sight) {
    this.#noun = noun
    this.#sees = sees
  }

  /** From now on this is what is known of that row. */
  of(holder: Holder, row: IndexRow): this {
    this.#holder = holder
    this.#row = row
    return this
  }

  get hostName(): string {
    return this.#holder.name
  }

  get usage(): Known['usage'] {
    const sample = this.#holder.usage.get(this.#row.id)
    return sample === undefined ? null : { cpuCores: sample.cpuCores, memoryBytes: sample.memoryBytes }
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
  const added = noun.adds?.of(row.value, new KnownOfRows(noun, sees).of(holder, row)) as object | undefined
  const seen = seenRow(noun, holder, row, sees)
  const placed = holder.placed(row, noun.kind, sees)
  const shown = 'hostId' in placed ? onHost(placed, seen, added) : { ...seen, ...placed, ...added }
  for (const name of noun.hides ?? []) delete (shown as Record<string, unknown>)[name as keyof Row]
  return shown as unknown as FleetRowOf<N>
}

/**
 * Puts together a row of a host. A literal that begins with fields of its own is many times cheaper in V8 than a copy that
 * grows, and lists are made of these.
 */
function onHost(placed: Placed, seen: Row, added: object | undefined): object {
  const { id, nativeId, hostId, hostName, observedAt, stale } = placed
  const shown = { id, nativeId, hostId, hostName, observedAt, stale, ...(seen as object), ...added }
  return Object.assign(shown, placed)
}
