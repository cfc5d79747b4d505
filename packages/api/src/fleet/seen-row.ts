import {
  type AnyNoun,
  fieldsMentioning,
  fieldsNaming,
  knownSentence,
  type Reason,
  type Reference,
  type Row,
} from '@flotilla/protocol'
import { z } from 'zod'
import { everything, type Holder, type Sight } from './holder.ts'
import { hiddenWord, reasonWithoutWords, shortId, withoutWords } from './hidden-words.ts'
import type { IndexRow } from './object-table.ts'

/** A field of a noun's rows that names an object of a kind; `isOptional`: one that may be left out. */
interface NamingField {
  readonly name: string
  readonly kind: string
  readonly after: string | undefined
  readonly idIn: string | undefined
  readonly isOptional: boolean
}

/** A text that may mention other objects, and the field that has what it is made of. */
interface MentioningField {
  readonly name: string
  readonly facts: string | undefined
}

/** What of a noun's rows may tell of other objects beside the lists of ids. */
interface TellingFields {
  readonly naming: readonly NamingField[]
  readonly mentioning: readonly MentioningField[]
}

/**
 * What an engine says of an object in its row, for a reader of this sight: the objects that they do not see are left out of its
 * lists, and neither named by a field that is marked as naming one nor in a text that may mention one. The row itself where it
 * tells of none.
 */
export function seenRow(noun: AnyNoun, holder: Holder, row: IndexRow, sees: Sight): Row {
  if (sees === everything) return row.value as Row
  const shown: Record<string, unknown> = { ...row.value }
  const referred = hiddenRefs(noun, holder, row, sees)
  const words = new Set(referred.flatMap(({ kind, other }) => wordsFor(holder, kind, other)))
  const ids = new Set(referred.map(({ other }) => other.value.id))
  const fields = tellingFields(noun)
  for (const field of fields.naming) {
    if (field.idIn === undefined) leaveOutName(shown, field, { holder, engine: row.engine, sees }, words)
    else if (ids.has(String(shown[field.idIn]))) shown[field.name] = hiddenWord
  }
  if (words.size === 0) return row.value as Row
  leaveOut(shown, ids)
  for (const field of fields.mentioning) leaveOutWords(shown, field, words)
  return shown as unknown as Row
}

/** The object of a holder that a row refers to by the engine's id; undefined where it is not known. */
export function referredTo(holder: Holder, row: IndexRow, { kind, id }: Reference): IndexRow | undefined {
  return holder.rows(kind).get(holder.table(kind).idOf(row.engine, id))
}

function hiddenRefs(noun: AnyNoun, holder: Holder, row: IndexRow, sees: Sight) {
  if (holder.hostId === null) return []
  return (noun.refs?.(row.value) ?? []).flatMap((ref) => {
    const other = referredTo(holder, row, ref)
    return other !== undefined && !sees(holder, ref.kind, other) ? [{ kind: ref.kind, other }] : []
  })
}

/** What people and engines call an object. */
function wordsFor(holder: Holder, kind: string, { value }: IndexRow): string[] {
  const id = value.id.slice(value.id.lastIndexOf(':') + 1)
  return [value.id, id, ...(id.length > shortId ? [id.slice(0, shortId)] : []), ...holder.namesOf(kind, value)]
}

/** Takes the name out of a field where it is that of something hidden, and adds the words for that. */
function leaveOutName(
  shown: Record<string, unknown>,
  { name, kind, after, isOptional }: NamingField,
  { holder, engine, sees }: { holder: Holder; engine: string; sees: Sight },
  words: Set<string>,
): void {
  const text = shown[name]
  if (typeof text !== 'string' || (after !== undefined && !text.startsWith(after))) return
  const ref = text.slice(after?.length ?? 0)
  const meant = holder.meant(kind, engine, ref)
  if (meant.some((other) => sees(holder, kind, other))) return
  // A reference that leads nowhere may be to something hidden that is gone; a field that may be left out has a name of its own kind.
  if (meant.length === 0 && isOptional) return
  for (const word of [ref, ...meant.flatMap((other) => wordsFor(holder, kind, other))]) words.add(word)
  if (isOptional) delete shown[name]
  else shown[name] = `${after ?? ''}${hiddenWord}`
}

/**
 * Takes words out of a text. Of one whose kind is known they go where the object's name can stand, in its parameters, and the sentence
 * is made anew of them: its own words stay, whatever hidden objects are called.
 */
function leaveOutWords(
  shown: Record<string, unknown>,
  { name, facts }: MentioningField,
  words: ReadonlySet<string>,
): void {
  const text = shown[name]
  if (typeof text !== 'string' || words.size === 0) return
  const made = facts === undefined ? undefined : (shown[facts] as Reason | undefined)
  const clean = made && reasonWithoutWords(made, words)
  if (facts !== undefined && clean !== undefined) shown[facts] = clean
  shown[name] = (clean && knownSentence(clean)) ?? withoutWords(text, words)
}

/** Takes ids out of the lists of a row, and out of its fields. */
function leaveOut(row: Record<string, unknown>, ids: ReadonlySet<string>): void {
  if (ids.size === 0) return
  for (const [name, value] of Object.entries(row)) {
    if (Array.isArray(value)) row[name] = value.filter((item) => !ids.has(String(item)))
    else if (typeof value === 'string' && ids.has(value)) row[name] = hiddenWord
  }
}

const telling = new WeakMap<AnyNoun, TellingFields>()

function tellingFields(noun: AnyNoun): TellingFields {
  const known = telling.get(noun)
  if (known !== undefined) return known
  const { shape } = noun.row as unknown as z.ZodObject
  const fields = Object.entries(shape).map(([name, field]) => {
    const isOptional = field instanceof z.ZodOptional
    const inner = (isOptional ? field.def.innerType : field) as z.core.$ZodType
    return { name, isOptional, inner }
  })
  const found = {
    naming: fields.flatMap(({ name, isOptional, inner }) => {
      const facts = fieldsNaming.get(inner)
      return facts === undefined ? [] : [{ name, isOptional, kind: facts.kind, after: facts.after, idIn: facts.idIn }]
    }),
    mentioning: fields.flatMap(({ name, inner }) => {
      const marked = fieldsMentioning.get(inner)
      return marked === undefined ? [] : [{ name, facts: marked.facts }]
    }),
  }
  telling.set(noun, found)
  return found
}
