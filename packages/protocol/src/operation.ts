import { z } from 'zod'
import { ErrorInfo } from './errors/index.ts'
import { ScopeObject } from './permission.ts'
import { rule } from './errors/rule.ts'

/** Made by the caller of a change: a repeat with the same id gives the same outcome. */
export const OperationId = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/, rule('input.badOperationId'))
export type OperationId = z.infer<typeof OperationId>

const childOperation = /^sub-[0-9a-f]{16}-[0-9a-f]{32}$/

/**
 * Whether a change is a step of one of the control plane's own operations: its id begins with what all steps of that operation
 * have in common. Its outcome is kept until it has been acknowledged.
 */
export function isChildOperation(id: string): boolean {
  return childOperation.test(id)
}

/** One step of a long change; a later report with the same `step` and `item` replaces the earlier one. */
export const Progress = z.object({
  /** A machine word that the dashboard translates: `resolve`, `download`, `unpack`, `create`, `network`, `start`. */
  step: z.string().max(40),
  /** What the step is about: a layer's digest, say. */
  item: z.string().max(200).optional(),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'skipped']),
  currentBytes: z.number().int().nonnegative().optional(),
  totalBytes: z.number().int().nonnegative().optional(),
})
export type Progress = z.infer<typeof Progress>

/** A change as the agent's journal knows it. */
export const Operation = z.object({
  id: OperationId,
  /** `containers.create`, the method's name in the table. */
  method: z.string(),
  engine: z.string(),
  /** What it is about, for the person: a container's name, an image reference. */
  target: z.string(),
  /** The object itself, where there is one: known from the start, or with the answer of what made it. */
  object: ScopeObject.nullable().optional(),
  actor: z.string(),
  /** `interrupted`: the agent died in the middle; whatever was half made was taken back or completed at its return. */
  state: z.enum(['running', 'succeeded', 'failed', 'interrupted']),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  progress: z.array(Progress).max(300),
  error: ErrorInfo.nullable(),
})
export type Operation = z.infer<typeof Operation>
