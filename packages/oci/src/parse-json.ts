import { describeIssues, fail } from '@flotilla/protocol'
import { z } from 'zod'

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
  if (path.length === 0) throw fail('image.noObject', { what }, { detail })
  throw fail('image.notOci', { what, field: path.map(String).join('.').slice(0, mostOfField) }, { detail })
}

/**
 * An object whose fields are read as Go reads them, and so Docker, podman and containerd: by their names in whatever case, where
 * there is none in their own. Other fields are left out.
 */
export function goObject<Shape extends z.ZodRawShape>(shape: Shape) {
  const names = new Map(Object.keys(shape).map((name) => [name.toLowerCase(), name]))
  return z.preprocess((value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, one]: [string, unknown]) => {
        const name = names.get(key.toLowerCase())
        return name === undefined || (name !== key && Object.hasOwn(value, name)) ? [] : [[name, one]]
      }),
    )
  }, z.object(shape))
}
