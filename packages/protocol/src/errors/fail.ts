import { z } from 'zod'
import { type ErrorKind, type ErrorParamsOf, errorKinds } from './catalog.ts'
import { sentenceOf } from './define-errors.ts'
import type { ErrorField, ErrorParams } from './error-info.ts'
import { type ErrorOptions, FlotillaError } from './flotilla-error.ts'
import { inputIssue, nameOf } from './input-issue.ts'

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
  if (thrown instanceof z.ZodError) return inputError(thrown)
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  return fail('call.failed', {}, { detail: text, cause: thrown })
}

/** What is wrong with an input: its first issue with the path to it. The others are told when that one is mended. */
function inputError(error: z.ZodError): FlotillaError {
  const [first] = error.issues
  const detail = describeIssues(error)
  if (first === undefined) return fail('input.refused', { field: 'input' }, { cause: error, detail })
  const { kind, params, field } = inputIssue(first)
  const { code, sentence } = errorKinds[kind]
  const place = field.length === 0 ? {} : { field }
  return new FlotillaError(code, sentenceOf(sentence, params), { ...place, kind, params, cause: error, detail })
}

/** The first issues of what was not understood, in the library's words, for the log: `ports.0.hostPort: Too big`. */
export function describeIssues(error: z.ZodError): string {
  const issues = error.issues.slice(0, 3).map((issue) => `${nameOf(inputIssue(issue).field)}: ${issue.message}`)
  return issues.join('; ')
}

/**
 * An error that was thrown on account of one field of an input, as one that names this field. What names a field already stays,
 * and so does what no field can be blamed for: a cancelled call, and a failure inside.
 */
export function withField(thrown: unknown, field: ErrorField): unknown {
  if (!(thrown instanceof FlotillaError) || thrown.field !== undefined) return thrown
  return thrown.code === 'CANCELLED' || thrown.code === 'INTERNAL' ? thrown : thrown.with({ field })
}
