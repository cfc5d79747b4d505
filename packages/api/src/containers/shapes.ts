import { ContainerCreateInput, ExecCreateInput, OperationId, Reason } from '@flotilla/protocol'
import { z } from 'zod'

/** A platform id, a native id, a unique prefix of either, or a name. */
export const ContainerRefInput = z.object({ id: z.string().min(1).max(128) })

/** The caller's own id of a change: a repeat with the same one gives the same outcome. */
export const operationId = { operationId: OperationId.optional() }

const engineId = z.string().max(31).optional().describe('Left out: the first engine of the host that is ready')

export const CreateInput = ContainerCreateInput.safeExtend({
  hostId: z.string().min(1).max(128),
  engine: engineId,
  start: z.boolean().default(false).describe('Start it at once; one that cannot start is taken back'),
  ...operationId,
})

export const RunInput = z.object({
  id: ContainerRefInput.shape.id,
  command: ExecCreateInput.shape.command,
  env: ExecCreateInput.shape.env,
  user: ExecCreateInput.shape.user,
  workingDir: ExecCreateInput.shape.workingDir,
  /** Text for the command's standard input. */
  stdin: z
    .string()
    .max(1024 * 1024)
    .optional(),
  timeoutSeconds: z.number().int().min(1).max(3600).default(300),
})
export const RunAnswer = z.object({
  stdout: z.string(),
  stderr: z.string(),
  /** Null where the end was not seen; `reason` says why. */
  exitCode: z.number().int().nullable(),
  reason: z.string().optional(),
  reasonFacts: Reason.optional(),
  /** More was printed than is answered: the first MiB of each stream is kept. */
  truncated: z.boolean(),
})

export const CreateExecInput = ExecCreateInput.extend(operationId)
export const SessionInput = ContainerRefInput.extend({ session: z.string().min(1).max(128) })
export const Nothing = z.object({})
