import { type ErrorInfo, type ErrorObject, FlotillaError } from '@flotilla/protocol'
import type { ActorContext, Context } from '../context.ts'
import { everything } from '../fleet/holder.ts'
import { type HiddenMarks, hiddenMarks, withoutDigits } from './hidden-marks.ts'
import { knownObject, withoutCount, withoutTelling, withSeenUsers } from './seen-users.ts'
import { readerOf } from './sight.ts'

type Blotted = Pick<HiddenMarks, 'digits' | 'links'>

/**
 * The same failure, naming only objects that the caller may see; to who is not known it names none. An id that they sent
 * themselves stays: blotted out, it would tell that there is such an object.
 */
export function withSeenObjects(ctx: Context, error: FlotillaError, sent: unknown): FlotillaError {
  const { app, actor } = ctx
  if (actor === null) return error.objects.length === 0 ? error : error.with({ objects: [] })
  return errorsFor({ app, actor }, sent)(error)
}

/** What of failures that were written down their reader is told: the objects that they see, with their names. */
export function errorSight(ctx: Pick<ActorContext, 'app' | 'actor'>): (error: ErrorInfo | null) => ErrorInfo | null {
  const seen = errorsFor(ctx, null)
  return (error) => (error === null ? null : seen(FlotillaError.fromInfo(error)).toInfo())
}

function errorsFor(ctx: Pick<ActorContext, 'app' | 'actor'>, sent: unknown): (error: FlotillaError) => FlotillaError {
  const see = objectSight(ctx)
  const own = JSON.stringify(sent ?? null)
  const notSent = (all: ReadonlySet<string>) => new Set([...all].filter((id) => !own.includes(id)))
  let blotted: Blotted[] | undefined
  return (error) => {
    blotted ??= marksOf(ctx).map(({ digits, links }) => ({ digits: notSent(digits), links: notSent(links) }))
    const seen = withSeenUsers(ctx, error, error.objects.flatMap(see))
    return blotted.reduce(withoutIds, seen)
  }
}

/** A sentence, or what it was made of, that quotes an id of something hidden has it blotted out. */
function withoutIds(error: FlotillaError, digits: Blotted): FlotillaError {
  const message = withoutDigits(error.message, digits)
  if (message === error.message) return error
  const params = Object.entries(error.params).map(([name, value]) => {
    return [name, typeof value === 'string' ? withoutDigits(value, digits) : value] as const
  })
  return FlotillaError.fromInfo({ ...error.toInfo(), message, params: Object.fromEntries(params) })
}

/** The marks of all that a reader does not see, of each holder that has any; none for who sees everything. */
export function marksOf(ctx: Parameters<typeof readerOf>[0]): HiddenMarks[] {
  const reader = readerOf(ctx)
  if (reader.sees === everything) return []
  const { index } = ctx.app
  const holders = new Set([...index.nouns.byKind.values()].flatMap((noun) => index.holders(reader, noun)))
  return [...holders].flatMap((holder) => hiddenMarks({ holder, sees: reader.sees }, index.nouns) ?? [])
}

function objectSight(ctx: Pick<ActorContext, 'app' | 'actor'>): (object: ErrorObject) => ErrorObject[] {
  const { sees } = readerOf(ctx)
  return (object) => {
    const { noun, holder, row } = knownObject(ctx, object) ?? {}
    if (noun === undefined || holder === undefined || row === undefined || !sees(holder, object.kind, row)) return []
    return [{ kind: object.kind, id: object.id, name: noun.view.names(row.value)[0] }]
  }
}

/** A failure as lists and feeds tell it, which go to readers of different rights: it names no objects, counts none and tells nothing of them. */
export function withoutObjects<Error extends ErrorInfo | null>(error: Error): Error {
  if (error === null) return error
  const plain = (error.objects ?? []).length === 0 ? error : withoutTelling(error)
  return { ...withoutCount(plain), objects: undefined }
}
