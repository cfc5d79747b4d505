import type { ErrorInfo, ErrorObject, FlotillaError } from '@flotilla/protocol'
import type { ActorContext, Context } from '../context.ts'
import { readerOf } from './sight.ts'

/** The same failure, naming only objects that the caller may see; to who is not known it names none. */
export function withSeenObjects({ app, actor }: Context, error: FlotillaError): FlotillaError {
  if (error.objects.length === 0) return error
  if (actor === null) return error.with({ objects: [] })
  const see = objectSight({ app, actor })
  return error.with({ objects: error.objects.flatMap(see) })
}

/** What of failures that were written down their reader is told: the objects that they see, with their names. */
export function errorSight(ctx: Pick<ActorContext, 'app' | 'actor'>): (error: ErrorInfo | null) => ErrorInfo | null {
  const see = objectSight(ctx)
  return (error) => (error?.objects === undefined ? error : { ...error, objects: error.objects.flatMap(see) })
}

function objectSight({ app, actor }: Pick<ActorContext, 'app' | 'actor'>): (object: ErrorObject) => ErrorObject[] {
  const reader = readerOf({ app, actor })
  return ({ kind, id }) => {
    const noun = app.index.nouns.byKind.get(kind)
    if (noun === undefined || noun.held === 'asked') return []
    for (const holder of app.index.holders(reader, noun)) {
      const row = holder.rows(kind).get(id)
      if (row !== undefined && reader.sees(holder, kind, row)) {
        return [{ kind, id, name: noun.view.names(row.value)[0] }]
      }
    }
    return []
  }
}

/** A failure as lists and feeds tell it, which go to readers of different rights: it names no objects. */
export function withoutObjects<Error extends ErrorInfo | null>(error: Error): Error {
  return error === null ? error : { ...error, objects: undefined }
}
