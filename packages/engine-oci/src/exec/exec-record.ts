import { type ExecSession, StoredReason } from '@flotilla/protocol'
import { z } from 'zod'
import { StoredProcess } from '../runtime/process.ts'

/** A session on disk: `<data>/exec/<id>/session.json`. */
export const ExecRecord = z.object({
  version: z.literal(1),
  id: z.string(),
  containerId: z.string(),
  operationId: z.string(),
  command: z.array(z.string()),
  tty: z.boolean(),
  createdAt: z.string(),
  actor: z.string(),
  bootId: z.string(),
  phase: z.enum(['starting', 'running', 'exited']),
  conmon: StoredProcess.nullable(),
  process: StoredProcess.nullable(),
  exitCode: z.number().int().nullable(),
  /** Why its code is not known; a sentence in older records. */
  exitReason: StoredReason.nullable(),
})
export type ExecRecord = z.infer<typeof ExecRecord>

/** The container of a session whose record is none that this agent knows, where it says one. */
export const ownerOf = (raw: unknown): string | undefined =>
  ExecRecord.pick({ containerId: true }).safeParse(raw).data?.containerId

export function toExecSession(record: ExecRecord): ExecSession {
  const { id, containerId, command, tty, exitCode, createdAt, actor } = record
  return {
    id,
    containerId,
    command,
    tty,
    state: record.phase === 'exited' ? 'exited' : 'running',
    exitCode,
    createdAt,
    actor,
  }
}
