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

/** Append-only: there is no way here, and none in the database, to change or remove an entry. */
export class AuditRepo {
  readonly #prisma: PrismaClient

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma
  }

  /** Writes the entry with its texts made printable, so that no name in it can keep it from being written. */
  async append(scope: OrganisationScope, entry: NewAuditEntry): Promise<void> {
    await this.#prisma.auditEntry.create({ data: auditData(scope, entry) })
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
    actorName: printable(entry.actorName),
    action: printable(entry.action.slice(0, 200)),
    target: printable(entry.target.slice(0, 1000)),
    hostId: printableOrNull(entry.hostId),
    outcome: entry.outcome,
    code: entry.code,
    remoteAddress: printable(entry.remoteAddress),
    operationId: printableOrNull(entry.operationId),
  }
}

/** PostgreSQL takes no NUL and no half of a surrogate pair, which a cut can leave; other control characters hide text. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}]/gu, '\uFFFD')
}

function printableOrNull(text: string | null): string | null {
  return text === null ? null : printable(text)
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
