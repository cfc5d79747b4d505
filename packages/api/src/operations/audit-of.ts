import type { NewAuditEntry, OperationRow, StepRow, StepState } from '@flotilla/db'
import type { ErrorInfo } from '@flotilla/protocol'
import type { AnyOperation } from './define.ts'

interface End {
  state: StepState
  error: ErrorInfo | null
}

/** The entry of a sequence as a whole, which is one change to whoever asked for it. */
export function auditOf(row: OperationRow, end: End): NewAuditEntry {
  return entry(row, { ...end, target: row.target, hostId: row.hostId })
}

/** The entry of one of many; null where the whole is one change, and where it came to nothing. */
export function auditOfStep(
  definition: AnyOperation,
  row: OperationRow,
  step: StepRow,
  end: End,
): NewAuditEntry | null {
  if (definition.order === 'sequence') return null
  const target = step.nativeId === null ? step.target : `${step.key} ${step.target}`
  return entry(row, { ...end, target, hostId: step.hostId })
}

function entry(row: OperationRow, of: End & { target: string; hostId: string | null }): NewAuditEntry {
  const code = of.error?.code ?? null
  return {
    ...{ actorId: row.actorId, actorName: row.actorName, action: row.method },
    ...{ target: of.target, hostId: of.hostId, code },
    outcome: of.state === 'succeeded' ? 'succeeded' : code === 'PERMISSION_DENIED' ? 'refused' : 'failed',
    ...{ remoteAddress: row.remoteAddress, operationId: row.id },
  }
}
