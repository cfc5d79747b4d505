import { z } from 'zod'
import { type ErrorKind, type ErrorParamsOf, errorKinds } from './catalog.ts'
import { sentenceOf } from './define-errors.ts'
import type { ErrorField, ErrorParams } from './error-info.ts'
import { type ErrorOptions, FlotillaError } from './flotilla-error.ts'

type FailOptions = Omit<ErrorOptions, 'kind' | 'params'>
type FailArguments<Kind extends ErrorKind> =
  Record<never, never> extends ErrorParamsOf<Kind>
    ? [params?: ErrorParamsOf<Kind>, options?: FailOptions]
    : [params: ErrorParamsOf<Kind>, options?: FailOptions]

/** Makes an error of a kind: its code and its English sentence come from the catalog. The caller throws it. */
export function fail<Kind extends ErrorKind>(kind: Kind, ...[params, options]: FailArguments<Kind>): FlotillaError {
  const { code, sentence } = errorKinds[kind]
  const values: ErrorParams = { ...params }
  return new FlotillaError(code, sentenceOf(sentence, values), { ...options, kind, params: values })
}

/** Turns anything that was thrown into a FlotillaError; what is not known is INTERNAL, its text kept as detail only. */
export function toFlotillaError(thrown: unknown): FlotillaError {
  if (thrown instanceof FlotillaError) return thrown
  if (thrown instanceof z.ZodError) {
    return fail('input.invalid', { issues: describeIssues(thrown) }, { field: fieldOf(thrown), cause: thrown })
  }
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  return fail('call.failed', {}, { detail: text, cause: thrown })
}

/** The first issues of an input with their paths: `ports.0.hostPort: Too big`. */
export function describeIssues(error: z.ZodError): string {
  const issues = error.issues.slice(0, 3).map((issue) => {
    const path = issue.path.map(String).join('.')
    return path === '' ? issue.message : `${path}: ${issue.message}`
  })
  return issues.join('; ')
}

/** Where the first issue is; undefined where it is the input as a whole. */
function fieldOf(error: z.ZodError): ErrorField | undefined {
  const path = error.issues[0]?.path.slice(0, 16).map((part) => (typeof part === 'symbol' ? String(part) : part)) ?? []
  return path.length === 0 ? undefined : path
}

/**
 * An error that was thrown on account of one field of an input, as one that names this field. What names a field already stays,
 * and so does what no field can be blamed for: a cancelled call, and a failure inside.
 */
export function withField(thrown: unknown, field: ErrorField): unknown {
  if (!(thrown instanceof FlotillaError) || thrown.field !== undefined) return thrown
  return thrown.code === 'CANCELLED' || thrown.code === 'INTERNAL' ? thrown : thrown.with({ field })
}
