import {
  type AnyNoun,
  type ErrorInfo,
  type ErrorObject,
  type ErrorParams,
  findErrorKind,
  FlotillaError,
  sentenceOf,
} from '@flotilla/protocol'
import type { ActorContext } from '../context.ts'
import { everything, type Holder } from '../fleet/holder.ts'
import type { IndexRow } from '../fleet/object-table.ts'
import { referredTo } from '../fleet/seen-row.ts'
import { readerOf } from './sight.ts'

type Reading = Pick<ActorContext, 'app' | 'actor'>

interface Known {
  readonly noun: AnyNoun
  readonly holder: Holder
  readonly row: IndexRow
}

/** The object of a failure as the index has it, whoever sees it; undefined where it is not there. */
export function knownObject(ctx: Reading, { kind, id }: ErrorObject): Known | undefined {
  const { index } = ctx.app
  const noun = index.nouns.byKind.get(kind)
  if (noun === undefined || noun.held === 'asked') return undefined
  for (const holder of index.holders(readerOf(ctx), noun)) {
    const row = holder.rows(kind).get(id)
    if (row !== undefined) return { noun, holder, row }
  }
  return undefined
}

/**
 * A failure with those of its objects that the reader sees; where it counts users, of these too those alone, and where the reader
 * sees none of its objects, without what tells of them.
 */
export function withSeenUsers(ctx: Reading, error: FlotillaError, objects: ErrorObject[]): FlotillaError {
  if (error.objects.length === 0) return withSeenCount(ctx, error, error, objects)
  const seen = error.with({ objects })
  const plain = objects.length > 0 ? seen : FlotillaError.fromInfo(withoutTelling(seen.toInfo()))
  return withSeenCount(ctx, error, plain, objects)
}

function withSeenCount(ctx: Reading, error: FlotillaError, seen: FlotillaError, objects: ErrorObject[]): FlotillaError {
  const { counts } = findErrorKind(error.kind ?? '') ?? {}
  const { count } = error.params
  if (counts === undefined || typeof count !== 'number' || readerOf(ctx).sees === everything) return seen
  // A failure names the first of many: of more than it names the index knows how many there are.
  const known = count > error.objects.length ? usersOfSame(ctx, error, counts) : undefined
  const left = known ?? objects.length
  if (left === 0) return FlotillaError.fromInfo(withoutCount(seen.toInfo()))
  return FlotillaError.fromInfo(resaid(seen.toInfo(), seen.kind ?? '', { ...seen.params, count: left }))
}

/** How many that the reader sees use what all named users use; undefined where the index does not tell what that is. */
function usersOfSame(ctx: Reading, error: FlotillaError, { users, of }: { users: string; of: string }) {
  const named = error.objects.flatMap((object) => knownObject(ctx, object) ?? [])
  const [first] = named
  if (first === undefined) return undefined
  const used = (one: Known) => (one.noun.refs?.(one.row.value) ?? []).filter(({ kind }) => kind === of)
  const { name } = error.params
  const same = used(first).flatMap((ref) => {
    const row = referredTo(first.holder, first.row, ref)
    const isShared = named.every((one) => used(one).some(({ id }) => id === ref.id))
    const isCalled = row !== undefined && (name === undefined || first.holder.isCalled(of, row, String(name)))
    return isShared && isCalled ? [row] : []
  })
  const [target] = same
  return target === undefined || same.length > 1 ? undefined : first.holder.users(target.id, users, readerOf(ctx).sees)
}

/** A failure whose parameters tell of its objects, as the one that says the same without them; any other as it is. */
export function withoutTelling<Error extends ErrorInfo>(error: Error): Error {
  const { tells } = findErrorKind(error.kind ?? '') ?? {}
  if (tells === undefined) return error
  const left = Object.entries(error.params ?? {}).filter(([name]) => !tells.params.includes(name))
  return resaid(error, tells.unseen, Object.fromEntries(left))
}

/** A failure that counts users, as the one that says so without a number; any other as it is. */
export function withoutCount<Error extends ErrorInfo>(error: Error): Error {
  const { counts } = findErrorKind(error.kind ?? '') ?? {}
  if (counts === undefined) return error
  const { count: _count, ...params } = error.params ?? {}
  return resaid(error, counts.uncounted, params)
}

/** The failure as one of this kind, with these parameters in its sentence. */
function resaid<Error extends ErrorInfo>(error: Error, kind: string, params: ErrorParams): Error {
  return { ...error, kind, params, message: sentenceOf(findErrorKind(kind)?.sentence ?? error.message, params) }
}
