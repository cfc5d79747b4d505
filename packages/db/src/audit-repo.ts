import type { Prisma, PrismaClient } from './generated/client.ts'
import type { OrganisationScope } from './scope.ts'

export interface NewAuditEntry {
  actorId: string | null
  actorName: string
  action: string
  target: string
  hostId: string | null
  outcome: 'succeeded' | 'failed' | 'refused'
  code: string | null
  remoteAddress: string
  operationId: string | null
}

export interface AuditRow extends NewAuditEntry {
  id: string
  at: string
}

/** How much of the audit is kept, of each organisation. */
export interface AuditRetention {
  /** Entries that are older go. */
  days: number
  /** Of more than these the oldest go. */
  entries: number
}

/** Entries that one statement removes: nobody waits long for it. */
const pruneBatch = 5000

/** Append-only: there is no way here, and none in the database, to change an entry, or to remove one but by its age. */
export class AuditRepo {
  readonly #prisma: PrismaClient

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma
  }

  /** Writes the entry with its texts made printable, so that no name in it can keep it from being written. */
  async append(scope: OrganisationScope, entry: NewAuditEntry): Promise<void> {
    await this.#prisma.auditEntry.create({ data: auditData(scope, entry) })
  }

  /**
   * Removes what is older than is kept, in small batches, until `signal` ends it. Answers how many went. No entry is read into
   * memory.
   */
  async prune({ days, entries }: AuditRetention, signal: AbortSignal): Promise<number> {
    const organisations = await this.#prisma.$queryRaw<{ id: string }[]>`
      SELECT DISTINCT organisation_id AS id FROM audit_entry`
    let removed = 0
    for (const { id } of organisations) {
      const [first] = await this.#prisma.$queryRaw<{ id: bigint }[]>`
        SELECT id FROM audit_entry WHERE organisation_id = ${id} ORDER BY id DESC OFFSET ${entries} LIMIT 1`
      let batch = pruneBatch
      while (batch === pruneBatch && !signal.aborted) {
        batch = await this.#pruneBatch(id, days, first?.id ?? 0n)
        removed += batch
      }
    }
    return removed
  }

  async #pruneBatch(organisationId: string, days: number, upTo: bigint): Promise<number> {
    const [, removed] = await this.#prisma.$transaction([
      this.#prisma.$queryRaw`SELECT set_config('flotilla.audit_retention', 'on', true)`,
      this.#prisma.$executeRaw`
        WITH oldest AS (
          SELECT id, at FROM audit_entry WHERE organisation_id = ${organisationId} ORDER BY id LIMIT ${pruneBatch}
        )
        DELETE FROM audit_entry USING oldest WHERE audit_entry.id = oldest.id
          AND (oldest.id <= ${upTo} OR oldest.at < now() - make_interval(days => ${days}::int))`,
    ])
    return removed
  }

  /** Newest first; `before` is the id of the last row of the page before. */
  async list(
    scope: OrganisationScope,
    query: { limit: number; before?: string | undefined; action?: string | undefined; actorId?: string | undefined },
  ): Promise<{ rows: AuditRow[]; total: number }> {
    const where = {
      organisationId: scope.organisationId,
      ...(query.action === undefined ? {} : { action: { startsWith: query.action } }),
      ...(query.actorId === undefined ? {} : { actorId: query.actorId }),
    }
    const [rows, total] = await Promise.all([
      this.#prisma.auditEntry.findMany({
        where: query.before === undefined ? where : { ...where, id: { lt: BigInt(query.before) } },
        orderBy: { id: 'desc' },
        take: query.limit,
      }),
      this.#prisma.auditEntry.count({ where }),
    ])
    return { rows: rows.map(auditRow), total }
  }
}

/** An entry as it is written. */
export function auditData(scope: OrganisationScope, entry: NewAuditEntry): Prisma.AuditEntryCreateInput {
  return {
    organisationId: scope.organisationId,
    actorId: printableOrNull(entry.actorId),
    actorName: cut(entry.actorName, 200),
    action: cut(entry.action, 200),
    target: cut(entry.target, 1000),
    hostId: printableOrNull(entry.hostId),
    outcome: entry.outcome,
    code: printableOrNull(entry.code),
    remoteAddress: cut(entry.remoteAddress, 200),
    operationId: printableOrNull(entry.operationId),
  }
}

function cut(text: string, most: number): string {
  return printable(text.slice(0, most))
}

/** PostgreSQL takes no NUL and no half of a surrogate pair, which a cut can leave; other control characters hide text. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}]/gu, '\uFFFD')
}

function printableOrNull(text: string | null): string | null {
  return text === null ? null : cut(text, 200)
}

function auditRow(row: {
  id: bigint
  at: Date
  actorId: string | null
  actorName: string
  action: string
  target: string
  hostId: string | null
  outcome: string
  code: string | null
  remoteAddress: string
  operationId: string | null
}): AuditRow {
  return {
    id: row.id.toString(),
    at: row.at.toISOString(),
    actorId: row.actorId,
    actorName: row.actorName,
    action: row.action,
    target: row.target,
    hostId: row.hostId,
    outcome: row.outcome === 'succeeded' || row.outcome === 'refused' ? row.outcome : 'failed',
    code: row.code,
    remoteAddress: row.remoteAddress,
    operationId: row.operationId,
  }
}
