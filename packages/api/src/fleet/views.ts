import { type AnyNoun, type FleetRow, fieldsNaming, type Known, type Noun, type Row } from '@flotilla/protocol'
import { z } from 'zod'
import { everything, type Holder, type Sight } from './holder.ts'
import type { IndexRow } from './object-table.ts'

/** The type of a noun's row as the platform gives it out. */
export type FleetRowOf<N extends AnyNoun> =
  N extends Noun<string, infer R, infer _Detail, infer Fields, infer Hidden, infer _Methods, infer _View, infer Place>
    ? FleetRow<R, Fields, Hidden, Place>
    : never

/** What the platform knows of a row beside what its engine says, for a reader of this sight. */
export function knownOf(noun: AnyNoun, holder: Holder, row: IndexRow, sees: Sight = everything): Known {
  const sample = holder.usage.get(row.id)
  return {
    hostName: holder.name,
    usage: sample === undefined ? null : { cpuCores: sample.cpuCores, memoryBytes: sample.memoryBytes },
    users: (kind) => holder.users(row.id, kind, sees),
    refersTo: (kind, called) => refersTo(noun, holder, row, sees, { kind, called }),
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
    const other = referred(holder, row, ref)
    if (other === undefined) return ref.id === called
    return sees(holder, kind, other) && (ref.id === called || holder.isCalled(kind, other, called))
  })
}

/** The object of a holder that a row refers to by the engine's id; undefined where it is not known. */
function referred(holder: Holder, row: IndexRow, { kind, id }: { kind: string; id: string }): IndexRow | undefined {
  return holder.rows(kind).get(holder.table(kind).idOf(row.engine, id))
}

/** A row as it goes out: the platform's ids, what it knows by itself, and how fresh it is. */
export function toFleetRow<N extends AnyNoun>(
  noun: N,
  holder: Holder,
  row: IndexRow,
  sees: Sight = everything,
): FleetRowOf<N> {
  const added = noun.adds?.of(row.value, knownOf(noun, holder, row, sees)) as object | undefined
  const shown: Record<string, unknown> = { ...row.value, ...holder.placed(row, noun.kind, sees), ...added }
  for (const name of noun.hides ?? []) delete shown[name as keyof Row]
  if (sees !== everything) {
    leaveOut(shown, hiddenRefs(noun, holder, row, sees))
    for (const name of hiddenNames(noun, holder, row, sees)) delete shown[name]
  }
  return shown as FleetRowOf<N>
}

/** The engine's ids of what a row refers to and the reader does not see. */
function hiddenRefs(noun: AnyNoun, holder: Holder, row: IndexRow, sees: Sight): string[] {
  if (holder.hostId === null) return []
  const refs = noun.refs?.(row.value) ?? []
  const hidden = refs.filter((ref) => {
    const other = referred(holder, row, ref)
    return other !== undefined && !sees(holder, ref.kind, other)
  })
  return hidden.map(({ id }) => id)
}

/** The fields of a row that name another object of its engine which the reader does not see. */
function hiddenNames(noun: AnyNoun, holder: Holder, row: IndexRow, sees: Sight): string[] {
  const value = row.value as unknown as Record<string, unknown>
  return namingFields(noun).flatMap(({ name, kind }) => {
    const called = typeof value[name] === 'string' ? holder.called(kind, row.engine, value[name]) : []
    return called.length > 0 && !called.some((other) => sees(holder, kind, other)) ? [name] : []
  })
}

const naming = new WeakMap<AnyNoun, readonly { name: string; kind: string }[]>()

/** The fields of a noun's rows that name an object of another kind; none that a row must have does. */
function namingFields(noun: AnyNoun): readonly { name: string; kind: string }[] {
  const known = naming.get(noun)
  if (known !== undefined) return known
  const { shape } = noun.row as unknown as z.ZodObject
  const found = Object.entries(shape).flatMap(([name, field]) => {
    const kind = field instanceof z.ZodOptional ? fieldsNaming.get(field.def.innerType)?.kind : undefined
    return kind === undefined ? [] : [{ name, kind }]
  })
  naming.set(noun, found)
  return found
}

/** Takes ids out of the lists of a row. */
function leaveOut(row: Record<string, unknown>, ids: readonly string[]): void {
  if (ids.length === 0) return
  for (const [name, value] of Object.entries(row)) {
    if (Array.isArray(value)) row[name] = value.filter((item) => !ids.includes(String(item)))
  }
}
