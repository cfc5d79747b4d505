import { describeIssues, fail } from '@flotilla/protocol'
import type { z } from 'zod'

/** Most bytes of a config or manifest; containerd and Docker stop at 4 MiB as well. */
export const maxDocumentBytes = 4 * 1024 * 1024

/** Parses and validates a document that somebody else wrote. `what` begins the sentence of the INVALID_ARGUMENT it throws. */
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
  throw fail(
    'image.notOci',
    { what },
    {
      detail: describeIssues(parsed.error),
    },
  )
}
