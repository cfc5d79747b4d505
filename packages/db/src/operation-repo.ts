import { type ErrorInfo, type FlotillaError, type Progress, fail } from '@flotilla/protocol'
import { type NewAuditEntry, auditData, printable } from './audit-repo.ts'
import { Prisma, type PrismaClient } from './generated/client.ts'
import { isHeld, leaseUntil } from './lease.ts'
import {
  type NewOperation,
  type NewStep,
  type OperationCounts,
  type OperationRow,
  type OperationState,
  type StepState,
  operationRow,
  storable,
} from './operation-row.ts'
import type { OrganisationScope } from './scope.ts'

const none: OperationCounts = { total: 0, ended: 0, failed: 0, cancelled: 0 }

/** Which operation, and as whom one writes to it: a control plane that lost the lease changes nothing any more. */
export interface HeldOperation extends OrganisationScope {
  readonly id: string
  readonly holder: string
}

/** Steps whose agent may still keep the outcome for us. */
export interface AwaitedSteps extends OrganisationScope {
  operationId: string
  hostId: string
  childIds: string[]
}

/** The platform's own operations with their steps. */
export class OperationRepo {
  readonly #prisma: PrismaClient

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma
  }

  /** Writes it down with its steps, held until `ttlMs` from now. False where the id is there already. */
  async create(
    scope: OrganisationScope,
    operation: NewOperation,
    steps: readonly NewStep[],
    lease: { holder: string; ttlMs: number },
  ): Promise<boolean> {
    const { organisationId } = scope
    return this.#prisma.$transaction(async (tx) => {
      const { count } = await tx.platformOperation.createMany({
        data: { ...operation, target: printable(operation.target), organisationId, state: 'running' },
        skipDuplicates: true,
      })
      if (count === 0) return false
      await tx.platformOperationStep.createMany({
        data: steps.map((step, position) => ({
          ...{ ...step, organisationId, operationId: operation.id, position },
          target: printable(step.target),
          error: step.error === null ? Prisma.DbNull : storable(step.error),
        })),
      })
      await tx.$executeRaw`
        UPDATE platform_operation SET holder = ${lease.holder}, lease_until = ${leaseUntil(lease.ttlMs)}
        WHERE organisation_id = ${organisationId} AND id = ${operation.id}`
      return true
    })
  }

  async find(scope: OrganisationScope, id: string): Promise<OperationRow | null> {
    const row = await this.#prisma.platformOperation.findUnique({
      where: { organisationId_id: { organisationId: scope.organisationId, id } },
      include: { steps: true },
    })
    return row === null ? null : operationRow(row)
  }

  /** Newest first, without their steps but for those that say how far they are; of one host where it is named. */
  async list(
    scope: OrganisationScope,
    query: { limit: number; hostId?: string | undefined },
  ): Promise<(OperationRow & { counts: OperationCounts })[]> {
    const { organisationId } = scope
    const rows = await this.#prisma.platformOperation.findMany({
      where: { organisationId, ...(query.hostId === undefined ? {} : { steps: { some: { hostId: query.hostId } } }) },
      include: { steps: { where: { NOT: { progress: { equals: [] } } } } },
      orderBy: { startedAt: 'desc' },
      take: query.limit,
    })
    const ids = rows.map(({ id }) => id)
    const counts = await this.#prisma.$queryRaw<(OperationCounts & { id: string })[]>`
      SELECT operation_id AS id, count(*)::int AS total,
        count(*) FILTER (WHERE state NOT IN ('waiting', 'running'))::int AS ended,
        count(*) FILTER (WHERE state = 'failed')::int AS failed,
        count(*) FILTER (WHERE state IN ('cancelled', 'not-started'))::int AS cancelled
      FROM platform_operation_step WHERE organisation_id = ${organisationId} AND operation_id = ANY(${ids})
      GROUP BY operation_id`
    const byId = new Map(counts.map(({ id, ...of }) => [id, of]))
    return rows.map((row) => ({ ...operationRow(row), counts: byId.get(row.id) ?? none }))
  }

  /**
   * Takes those over that run and that nobody holds any more, of every organisation; with `own` those too that are held by this
   * holder, which a control plane finds at its start.
   */
  async takeOver(lease: { holder: string; ttlMs: number }, own: boolean): Promise<OperationRow[]> {
    const used = await this.#prisma.$queryRaw<{ organisation_id: string; id: string }[]>`
      UPDATE platform_operation SET holder = ${lease.holder}, lease_until = ${leaseUntil(lease.ttlMs)}
      WHERE state = 'running'
        AND (holder IS NULL OR NOT (${isHeld(lease.ttlMs)}) OR (${own}::boolean AND holder = ${lease.holder}))
      RETURNING organisation_id, id`
    const rows = await Promise.all(
      used.map(({ organisation_id: organisationId, id }) => this.find({ organisationId }, id)),
    )
    return rows.filter((row) => row !== null)
  }

  /** Holds those of `ids` that this holder has until `ttlMs` from now, and answers which those are. */
  async renew(
    lease: { holder: string; ttlMs: number },
    ids: readonly string[],
  ): Promise<(OrganisationScope & { id: string; cancelRequested: boolean })[]> {
    if (ids.length === 0) return []
    return this.#prisma.$queryRaw`
      UPDATE platform_operation SET lease_until = ${leaseUntil(lease.ttlMs)}
      WHERE holder = ${lease.holder} AND state = 'running' AND id = ANY(${[...ids]})
      RETURNING organisation_id AS "organisationId", id, cancel_requested AS "cancelRequested"`
  }

  /** Gives all back that this holder has: whoever comes first goes on with them. */
  async release(holder: string): Promise<void> {
    await this.#prisma.platformOperation.updateMany({
      where: { holder, state: 'running' },
      data: { holder: null, leaseUntil: null },
    })
  }

  /** From here on the agent of its host may have the step. Throws CONFLICT where the lease is lost. */
  async beginStep(held: HeldOperation, position: number): Promise<void> {
    await this.#writeStep(this.#prisma, held, position, {
      state: 'running',
      attempts: { increment: 1 },
      unacknowledged: true,
    })
  }

  /** Writes what a step came to, and its audit entry with it. Throws CONFLICT where the lease is lost. */
  async endStep(
    held: HeldOperation,
    position: number,
    end: { state: StepState; outcome?: unknown; progress: readonly Progress[]; error: ErrorInfo | null },
    audit: NewAuditEntry | null,
  ): Promise<void> {
    const data = {
      state: end.state,
      progress: storable(end.progress),
      ...(end.outcome === undefined ? {} : { outcome: storable(end.outcome) }),
      error: end.error === null ? Prisma.DbNull : storable(end.error),
    }
    if (audit === null) return this.#writeStep(this.#prisma, held, position, data)
    await this.#prisma.$transaction(async (tx) => {
      await this.#writeStep(tx, held, position, data)
      await tx.auditEntry.create({ data: auditData(held, audit) })
    })
  }

  /** Writes how the whole ended, erases what was sealed, and writes its audit entry. Throws CONFLICT where the lease is lost. */
  async end(
    held: HeldOperation,
    end: { state: OperationState; error: ErrorInfo | null },
    audit: NewAuditEntry | null,
  ): Promise<Date> {
    const finishedAt = new Date()
    await this.#prisma.$transaction(async (tx) => {
      const { count } = await tx.platformOperation.updateMany({
        where: { organisationId: held.organisationId, id: held.id, holder: held.holder, state: 'running' },
        data: {
          ...{ state: end.state, finishedAt, sealed: null, holder: null, leaseUntil: null },
          error: end.error === null ? Prisma.DbNull : storable(end.error),
        },
      })
      if (count === 0) throw lost()
      if (audit !== null) await tx.auditEntry.create({ data: auditData(held, audit) })
    })
    return finishedAt
  }

  /** Runs what failed again: its failed steps wait anew. Null where it does not stand as failed any more. */
  async reopen(
    scope: OrganisationScope,
    id: string,
    sealed: Uint8Array<ArrayBuffer>,
    lease: { holder: string; ttlMs: number },
  ): Promise<OperationRow | null> {
    const { organisationId } = scope
    const reopened = await this.#prisma.$transaction(async (tx) => {
      const { count } = await tx.platformOperation.updateMany({
        where: { organisationId, id, state: 'failed' },
        data: {
          ...{ state: 'running', cancelRequested: false, finishedAt: null, error: Prisma.DbNull },
          sealed,
        },
      })
      if (count === 0) return false
      await tx.$executeRaw`
        UPDATE platform_operation SET holder = ${lease.holder}, lease_until = ${leaseUntil(lease.ttlMs)}
        WHERE organisation_id = ${organisationId} AND id = ${id}`
      await tx.platformOperationStep.updateMany({
        where: { organisationId, operationId: id, state: { in: ['failed', 'not-started'] } },
        data: { state: 'waiting', error: Prisma.DbNull },
      })
      return true
    })
    return reopened ? this.find(scope, id) : null
  }

  /** False where it has ended already. */
  async requestCancel(scope: OrganisationScope, id: string): Promise<boolean> {
    const { count } = await this.#prisma.platformOperation.updateMany({
      where: { organisationId: scope.organisationId, id, state: 'running' },
      data: { cancelRequested: true },
    })
    return count === 1
  }

  /** Of every organisation: what agents may still keep for operations that have ended. */
  async listAwaited(): Promise<AwaitedSteps[]> {
    return this.#prisma.$queryRaw<AwaitedSteps[]>`
      SELECT step.organisation_id AS "organisationId", step.operation_id AS "operationId", step.host_id AS "hostId",
        array_agg(step.child_id) AS "childIds"
      FROM platform_operation_step AS step
        JOIN platform_operation AS operation
          ON operation.organisation_id = step.organisation_id AND operation.id = step.operation_id
      WHERE step.unacknowledged AND step.host_id IS NOT NULL AND operation.state <> 'running'
      GROUP BY step.organisation_id, step.operation_id, step.host_id LIMIT 1000`
  }

  async acknowledged({ organisationId, operationId, hostId }: Omit<AwaitedSteps, 'childIds'>): Promise<void> {
    await this.#prisma.platformOperationStep.updateMany({
      where: { organisationId, operationId, hostId },
      data: { unacknowledged: false },
    })
  }

  /** Forgets all that have ended but the newest `kept` of each organisation. */
  async prune(retained: number): Promise<void> {
    await this.#prisma.$executeRaw`
      DELETE FROM platform_operation USING (
        SELECT organisation_id, id, row_number() OVER (PARTITION BY organisation_id ORDER BY started_at DESC) AS place
        FROM platform_operation
      ) AS placed
      WHERE platform_operation.organisation_id = placed.organisation_id AND platform_operation.id = placed.id
        AND placed.place > ${retained} AND state <> 'running'`
  }

  async #writeStep(
    tx: Pick<PrismaClient, 'platformOperationStep'>,
    held: HeldOperation,
    position: number,
    data: Prisma.PlatformOperationStepUpdateManyMutationInput,
  ): Promise<void> {
    const { organisationId, id, holder } = held
    const { count } = await tx.platformOperationStep.updateMany({
      where: { organisationId, operationId: id, position, operation: { holder, state: 'running' } },
      data,
    })
    if (count === 0) throw lost()
  }
}

function lost(): FlotillaError {
  return fail('operation.leasedElsewhere')
}
