import { type AnyNoun, bareId, beginsId, fail, type Method, type NamedObject } from '@flotilla/protocol'
import { requireAccess } from '../access.ts'
import type { ActorContext } from '../context.ts'
import { everything } from '../fleet/holder.ts'
import type { IndexRow } from '../fleet/object-table.ts'
import type { Place } from './place.ts'
import { factsOf, readerOf } from './sight.ts'

type Where = Pick<Place, 'host' | 'holder' | 'engine'>

/**
 * Asks for the rights to the objects that an input names and the engine will look up by itself. What the caller does not see is
 * NOT_FOUND like what is not there, also where something that they do see is called like it: the engine may mean the other.
 * Where the engine would make what is not there, the name is taken.
 */
export function requireNamed(ctx: ActorContext, place: Where, method: Pick<Method, 'names'>, input: unknown): void {
  for (const named of method.names?.(input) ?? []) requireOne(ctx, place, named)
}

function requireOne(ctx: ActorContext, place: Where, named: NamedObject): void {
  const { kind, ref, field, permission, makes = false } = named
  const noun = ctx.app.index.nouns.byKind.get(kind)
  if (noun === undefined) throw fail('fleet.noKind', { kind })
  const { holder } = place
  const { sees } = readerOf(ctx)
  const found = meantBy(named, noun, rowsOf(place, kind))
  const seen = found.filter((row) => sees(holder, kind, row))
  if (seen.length < found.length) {
    if (makes && seen.length === 0) throw fail('fleet.nameTaken', { name: ref.slice(0, 300) }, { field })
    throw fail('fleet.noObject', { kind, ref: ref.slice(0, 100) }, { field })
  }
  // Who sees all is told by the engine itself, which may know of something newer.
  if (found.length === 0 && !makes && sees !== everything) {
    throw fail('fleet.noObject', { kind, ref: ref.slice(0, 100) }, { field })
  }
  for (const row of seen) requireAccess(ctx.app.policy, ctx.actor, permission, factsOf(holder, kind, row))
}

function rowsOf({ host, holder, engine }: Where, kind: string): IndexRow[] {
  return [...holder.rows(kind).values()].filter((row) => holder !== host || row.engine === engine)
}

/** What an engine may take a name for: what has that id or name, else what has an id that begins so, as `beginsId` has it. */
function meantBy({ ref, byName = false }: NamedObject, noun: AnyNoun, rows: readonly IndexRow[]): IndexRow[] {
  const names = new Set([ref, noun.spelt?.(ref) ?? ref])
  const bare = bareId(ref)
  const isExact = ({ value }: IndexRow) =>
    bareId(value.id) === bare || (noun.view.names(value) as string[]).some((name) => names.has(name))
  const exact = rows.filter(isExact)
  if (exact.length > 0 || byName) return exact
  return rows.filter(({ value }) => beginsId(value.id, ref))
}
