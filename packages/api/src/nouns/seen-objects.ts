import type { ErrorInfo, ErrorObject, FlotillaError } from '@flotilla/protocol'
import type { Context } from '../context.ts'
import { readerOf } from './sight.ts'

/** The same failure, naming only objects that the caller may see; to who is not known it names none. */
export function withSeenObjects(ctx: Context, error: FlotillaError): FlotillaError {
  if (error.objects.length === 0) return error
  return error.with({ objects: error.objects.filter((object) => isSeen(ctx, object)) })
}

function isSeen({ app, actor }: Context, { kind, id }: ErrorObject): boolean {
  const noun = app.index.nouns.byKind.get(kind)
  if (actor === null || noun === undefined || noun.held === 'asked') return false
  const reader = readerOf({ app, actor })
  return app.index.holders(reader, noun).some((holder) => {
    const row = holder.rows(kind).get(id)
    return row !== undefined && reader.sees(holder, kind, row)
  })
}

/** A failure as lists and feeds tell it, which go to readers of different rights: it names no objects. */
export function withoutObjects<Error extends ErrorInfo | null>(error: Error): Error {
  return error === null ? error : { ...error, objects: undefined }
}
