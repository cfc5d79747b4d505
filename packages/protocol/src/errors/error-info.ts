import { z } from 'zod'
import { ErrorCode } from './error-code.ts'

/** Most characters that stand in a sentence in the place of one placeholder. */
export const mostInPlaceholder = 4000

/** What stands in a sentence where its kind has a placeholder. */
export const ErrorParams = z.record(z.string().max(40), z.union([z.string().max(mostInPlaceholder), z.number()]))
export type ErrorParams = z.infer<typeof ErrorParams>

/** The path to the field of the input that is at fault: `['ports', 0, 'hostPort']`. */
export const ErrorField = z.array(z.union([z.string().max(1000), z.number()])).max(16)
export type ErrorField = z.infer<typeof ErrorField>

/** Something that the failure is about beside what the caller named; told only to those who may see it. */
export const ErrorObject = z.object({
  kind: z.string().max(60),
  id: z.string().max(1000),
  /** What a person calls it; the control plane adds it. */
  name: z.string().max(1000).optional(),
})
export type ErrorObject = z.infer<typeof ErrorObject>

/** Most objects that one failure names; its sentence says how many there are. */
const mostNamed = 20

/** The first of the containers by which something is in use, as a refusal names them. */
export function namedContainers(ids: readonly string[]): ErrorObject[] {
  return ids.slice(0, mostNamed).map((id) => ({ kind: 'container', id }))
}

/** What says more of an error than its code and its sentence. Not there in what an older side sent. */
export const ErrorFacts = z.object({
  /** Its name in the catalog, `container.nameTaken`; a newer side may send one that is not known here. */
  kind: z
    .string()
    .max(64)
    .regex(/^[a-z][A-Za-z]*\.[a-z][A-Za-z0-9]*$/)
    .optional(),
  params: ErrorParams.optional(),
  field: ErrorField.optional(),
  objects: z.array(ErrorObject).max(mostNamed).optional(),
})
export type ErrorFacts = z.infer<typeof ErrorFacts>

/** An error as a caller is told it: `message` is the English sentence. */
export const ReportedError = z.object({ code: ErrorCode, message: z.string(), ...ErrorFacts.shape })
export type ReportedError = z.infer<typeof ReportedError>

/** One of several objects that a call left as it was, with why. */
export const Retained = z.object({
  id: z.string(),
  /** Left out by an older agent. */
  error: ReportedError.optional(),
  /** An older agent's sentence in place of it. */
  reason: z.string().optional(),
})
export type Retained = z.infer<typeof Retained>

/** What the failure of an operation looks like in an answer or in the journal. */
export const ErrorInfo = ReportedError.extend({ detail: z.string().optional() })
export type ErrorInfo = z.infer<typeof ErrorInfo>
