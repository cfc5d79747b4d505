import { describeIssues, fail, type FlotillaError } from '@flotilla/protocol'
import type { z } from 'zod'

/** Most bytes of a config or manifest; containerd and Docker stop at 4 MiB as well. */
export const maxDocumentBytes = 4 * 1024 * 1024

/** Most characters of a field's name in a sentence: parts of it may be names that somebody made up. */
const mostOfField = 200

/**
 * Parses and validates a document that somebody else wrote. `what` begins the sentence of the INVALID_ARGUMENT it throws, which
 * names the first field that is wrong.
 */
export function parseJson<Out>(data: Uint8Array, schema: z.ZodType<Out>, what: string): Out {
  if (data.length > maxDocumentBytes) throw fail('image.documentTooLarge', { what })
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8'))
  } catch (error) {
    throw fail(
      'image.notJson',
      { what },
      {
        cause: error,
      },
    )
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const path = parsed.error.issues[0]?.path ?? []
  const detail = describeIssues(parsed.error)
  throw path.length === 0
    ? fail('image.noObject', { what }, { detail })
    : badField(what, path.map(String).join('.'), detail)
}

/** That a document cannot be used on account of one field, `layers.0.digest` say: INVALID_ARGUMENT. */
export function badField(what: string, field: string, detail: string): FlotillaError {
  return fail('image.notOci', { what, field: field.slice(0, mostOfField) }, { detail })
}
