import { mapSecrets } from '@flotilla/protocol'
import { z } from 'zod'

/** Of a text that no test may find where secrets do not belong; long enough for a password and for a token. */
export const marker = 'm4rk3d-s3cr3t-of-a-test'

/** What texts with a form of their own may be, tried in turn; the address is this machine's. */
const candidates = ['127.0.0.1', 'abcdefgh', '/a', 'a@example.org', 'alpine:3.20', `SHA256:${'A'.repeat(43)}`, '1']

/** An input of this shape, valid but for rules over several fields, with the marker in each place that is marked as a secret; undefined where none is. */
export function markedInput(shape: z.ZodType): Record<string, unknown> | undefined {
  const input = sample(shape)
  let marked = false
  mapSecrets(shape, input, (value) => {
    marked = true
    return value
  })
  return marked ? (input as Record<string, unknown>) : undefined
}

function sample(shape: z.core.$ZodType): unknown {
  if (z.globalRegistry.get(shape)?.['writeOnly'] === true) return marker
  if (shape instanceof z.ZodDefault || shape instanceof z.ZodOptional || shape instanceof z.ZodNullable) {
    return hasSecret(shape.unwrap()) ? sample(shape.unwrap()) : shape instanceof z.ZodNullable ? null : undefined
  }
  if (shape instanceof z.ZodObject) {
    const fields = Object.entries(shape.shape as Record<string, z.core.$ZodType>)
    return Object.fromEntries(fields.map(([name, field]) => [name, sample(field)]))
  }
  if (shape instanceof z.ZodUnion) return sample(shape.options.find(hasSecret) ?? shape.options[0] ?? z.null())
  if (shape instanceof z.ZodEnum) return shape.options[0]
  if (shape instanceof z.ZodArray) return hasSecret(shape.element) ? [sample(shape.element)] : []
  if (shape instanceof z.ZodRecord) return {}
  return [...candidates, 1, true].find((one) => z.safeParse(shape, one).success)
}

function hasSecret(shape: z.core.$ZodType): boolean {
  const said = sample(shape)
  return JSON.stringify(said ?? null).includes(marker)
}
