import { type ErrorInfo, type ErrorObject, FlotillaError } from '@flotilla/protocol'
import type { Context } from '../context.ts'
import { everything } from '../fleet/holder.ts'
import { type HiddenMarks, hiddenMarks, withoutDigits } from './hidden-marks.ts'
import { readerOf } from './sight.ts'

/**
 * The same failure, naming only objects that the caller may see; to who is not known it names none. An id that they sent
 * themselves stays: blotted out, it would tell that there is such an object.
 */
export function withSeenObjects(ctx: Context, error: FlotillaError, sent: unknown): FlotillaError {
  const seen = error.objects.length === 0 ? error : error.with({ objects: error.objects.filter(isSeenBy(ctx)) })
  const marks = ctx.actor === null ? [] : marksOf({ app: ctx.app, actor: ctx.actor })
  if (marks.length === 0) return seen
  const own = JSON.stringify(sent ?? null)
  return marks.reduce(
    (shown, { digits }) => withoutIds(shown, new Set([...digits].filter((id) => !own.includes(id)))),
    seen,
  )
}

/** A sentence, or what it was made of, that quotes an id of something hidden has it blotted out. */
function withoutIds(error: FlotillaError, digits: HiddenMarks['digits']): FlotillaError {
  const message = withoutDigits(error.message, { digits })
  if (message === error.message) return error
  const params = Object.entries(error.params).map(([name, value]) => {
    return [name, typeof value === 'string' ? withoutDigits(value, { digits }) : value] as const
  })
  return FlotillaError.fromInfo({ ...error.toInfo(), message, params: Object.fromEntries(params) })
}

function marksOf(ctx: Parameters<typeof readerOf>[0]): HiddenMarks[] {
  const reader = readerOf(ctx)
  if (reader.sees === everything) return []
  const { index } = ctx.app
  const holders = new Set([...index.nouns.byKind.values()].flatMap((noun) => index.holders(reader, noun)))
  return [...holders].flatMap((holder) => hiddenMarks({ holder, sees: reader.sees }, index.nouns) ?? [])
}

function isSeenBy({ app, actor }: Context): (object: ErrorObject) => boolean {
  return ({ kind, id }) => {
    const noun = app.index.nouns.byKind.get(kind)
    if (actor === null || noun === undefined || noun.held === 'asked') return false
    const reader = readerOf({ app, actor })
    return app.index.holders(reader, noun).some((holder) => {
      const row = holder.rows(kind).get(id)
      return row !== undefined && reader.sees(holder, kind, row)
    })
  }
}

/** A failure as lists and feeds tell it, which go to readers of different rights: it names no objects. */
export function withoutObjects<Error extends ErrorInfo | null>(error: Error): Error {
  return error === null ? error : { ...error, objects: undefined }
}
