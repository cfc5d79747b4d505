import { z } from 'zod'
import { ErrorFacts } from '../errors/error-info.ts'

/**
 * Why something is as it is: a kind of the catalog of reasons, or of errors where a failure is why, and what stands in its sentence.
 * A newer side may send a kind that is not known here.
 */
export const Reason = z.object({ kind: ErrorFacts.shape.kind.unwrap(), params: ErrorFacts.shape.params })
export type Reason = z.infer<typeof Reason>

/** A reason as it is kept: older records have a finished sentence, which is all that is known of it. */
export const StoredReason = z.union([Reason, z.string()])
export type StoredReason = z.infer<typeof StoredReason>
