import { ErrorInfo, Progress } from '@flotilla/protocol'
import { z } from 'zod'
import type { PlatformOperation, PlatformOperationStep } from './generated/client.ts'

const OperationState = z.enum(['running', 'succeeded', 'failed', 'cancelled'])
export type OperationState = z.infer<typeof OperationState>

const StepState = z.enum(['waiting', 'running', 'succeeded', 'failed', 'cancelled', 'not-started'])
export type StepState = z.infer<typeof StepState>

/** What is known of a step before it begins. */
export interface NewStep {
  key: string
  hostId: string | null
  hostName: string | null
  engine: string | null
  nativeId: string | null
  target: string
  childId: string
  state: StepState
  error: ErrorInfo | null
}

export interface StepRow extends NewStep {
  position: number
  attempts: number
  progress: Progress[]
  /** What it answered, where it succeeded. */
  outcome: unknown
}

export interface NewOperation {
  id: string
  kind: string
  method: string
  target: string
  hostId: string | null
  hostName: string | null
  engine: string | null
  actorId: string
  actorName: string
  remoteAddress: string
  fingerprint: string
  sealed: Uint8Array<ArrayBuffer>
}

export interface OperationRow extends Omit<NewOperation, 'sealed'> {
  organisationId: string
  state: OperationState
  cancelRequested: boolean
  holder: string | null
  /** Null once it has ended. */
  sealed: Uint8Array | null
  error: ErrorInfo | null
  startedAt: Date
  finishedAt: Date | null
  /** In their order. */
  steps: StepRow[]
}

/** How far an operation of many steps is. */
export interface OperationCounts {
  total: number
  ended: number
  failed: number
  /** Ended or never begun for a cancel, or for what failed before it. */
  cancelled: number
}

export function operationRow(row: PlatformOperation & { steps: PlatformOperationStep[] }): OperationRow {
  const { leaseUntil: _until, steps, ...rest } = row
  return {
    ...rest,
    state: OperationState.parse(row.state),
    error: ErrorInfo.safeParse(row.error).data ?? null,
    steps: steps.sort((a, b) => a.position - b.position).map(stepRow),
  }
}

function stepRow(row: PlatformOperationStep): StepRow {
  const { organisationId: _organisation, operationId: _operation, unacknowledged: _unacknowledged, ...rest } = row
  return {
    ...rest,
    state: StepState.parse(row.state),
    progress: z.array(Progress).safeParse(row.progress).data ?? [],
    outcome: row.outcome,
    error: ErrorInfo.safeParse(row.error).data ?? null,
  }
}

/** A value as PostgreSQL takes it: its JSON knows no NUL and no half of a surrogate pair. */
export function storable(value: unknown): object {
  return JSON.parse(
    JSON.stringify(value ?? {}, (_key, each: unknown) =>
      typeof each === 'string' ? each.replace(/[\0\p{Cs}]/gu, '\uFFFD') : each,
    ),
  ) as object
}
