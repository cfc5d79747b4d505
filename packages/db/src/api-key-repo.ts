import { fail } from '@flotilla/protocol'
import type { PrismaClient } from './generated/client.ts'
import { hashSecret, newId, newSecret } from './ids.ts'
import type { OrganisationScope } from './scope.ts'
import { isValid } from './validity.ts'

export interface ApiKeyInfo {
  id: string
  userId: string
  name: string
  prefix: string
  createdAt: string
  expiresAt: string | null
}

/** What a bearer key begins with, so that scanners for leaked secrets can know it. */
export const apiKeyPrefix = 'flk_'

export class ApiKeyRepo {
  readonly #prisma: PrismaClient

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma
  }

  /** The key itself is in this answer and nowhere else. */
  async create(
    scope: OrganisationScope,
    input: { userId: string; name: string; expiresAt: Date | null },
  ): Promise<{ key: string; info: ApiKeyInfo }> {
    const key = `${apiKeyPrefix}${newSecret()}`
    const row = await this.#prisma.apiKey.create({
      data: {
        id: newId(),
        organisationId: scope.organisationId,
        userId: input.userId,
        name: input.name,
        prefix: key.slice(0, 10),
        hash: hashSecret(key),
        expiresAt: input.expiresAt,
      },
    })
    return { key, info: info(row) }
  }

  async list(scope: OrganisationScope, userId: string): Promise<ApiKeyInfo[]> {
    const rows = await this.#prisma.apiKey.findMany({
      where: { organisationId: scope.organisationId, userId, revokedAt: null },
      orderBy: { createdAt: 'asc' },
      take: 1000,
    })
    return rows.map(info)
  }

  /** Another's key, and one of another organisation, is NOT_FOUND. */
  async revoke(scope: OrganisationScope, userId: string, id: string): Promise<void> {
    const { count } = await this.#prisma.apiKey.updateMany({
      where: { id, userId, organisationId: scope.organisationId, revokedAt: null },
      data: { revokedAt: new Date() },
    })
    if (count === 0) throw fail('access.noKey')
  }

  /** Who a presented key stands for; null for an unknown, revoked or expired one. */
  async verify(key: string): Promise<{ id: string; userId: string; organisationId: string } | null> {
    if (!key.startsWith(apiKeyPrefix) || key.length > 100) return null
    const row = await this.#prisma.apiKey.findUnique({ where: { hash: hashSecret(key) } })
    if (row === null || row.revokedAt !== null || !isValid(row)) return null
    return { id: row.id, userId: row.userId, organisationId: row.organisationId }
  }
}

function info(row: {
  id: string
  userId: string
  name: string
  prefix: string
  createdAt: Date
  expiresAt: Date | null
}): ApiKeyInfo {
  return {
    id: row.id,
    userId: row.userId,
    name: row.name,
    prefix: row.prefix,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
  }
}
