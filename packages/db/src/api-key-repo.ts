import { fail } from '@flotilla/protocol'
import type { Prisma, PrismaClient } from './generated/client.ts'
import { lockOwners } from './access-repo.ts'
import { hashSecret, newId, newSecret } from './ids.ts'
import { madeByKey, type MadeByKey, removeMade } from './made-by-key.ts'
import { lockMaking, madeBy, type Maker } from './maker.ts'
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

  /** The key itself is in this answer and nowhere else. Without a maker it is the command line. */
  async create(
    scope: OrganisationScope,
    input: { userId: string; name: string; expiresAt: Date | null },
    maker?: Maker,
  ): Promise<{ key: string; info: ApiKeyInfo }> {
    const key = `${apiKeyPrefix}${newSecret()}`
    const row = await this.#prisma.$transaction(async (tx) =>
      tx.apiKey.create({
        data: {
          id: newId(),
          organisationId: scope.organisationId,
          userId: input.userId,
          name: input.name,
          prefix: key.slice(0, 10),
          hash: hashSecret(key),
          expiresAt: input.expiresAt,
          ...(maker === undefined ? {} : await madeBy(tx, scope, maker)),
        },
      }),
    )
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

  /** What one's key made and is still there. Another's key, and one of another organisation, is NOT_FOUND. */
  async madeBy(scope: OrganisationScope, userId: string, id: string): Promise<MadeByKey> {
    return this.#prisma.$transaction(async (tx) => {
      await requireOwn(tx, scope, userId, id)
      return madeByKey(tx, scope, id)
    })
  }

  /**
   * Ends a key, and with `allowing` all that it made, together or not at all: that is given what would go, and throws where it may
   * not. Gives what it made; that it is gone, where `allowing` was there. CONFLICT where no owner would be left.
   */
  async revoke(
    scope: OrganisationScope,
    userId: string,
    id: string,
    allowing?: (made: MadeByKey) => void,
  ): Promise<MadeByKey> {
    return this.#prisma.$transaction(async (tx) => {
      await lockOwners(tx)
      await lockMaking(tx)
      await requireOwn(tx, scope, userId, id)
      const made = await madeByKey(tx, scope, id)
      await tx.apiKey.update({ where: { id }, data: { revokedAt: new Date() } })
      if (allowing === undefined) return made
      allowing(made)
      await removeMade(tx, scope, made)
      return made
    })
  }

  /** Who a presented key stands for; null for an unknown, revoked or expired one. */
  async verify(key: string): Promise<{ id: string; userId: string; organisationId: string } | null> {
    if (!key.startsWith(apiKeyPrefix) || key.length > 100) return null
    const row = await this.#prisma.apiKey.findUnique({ where: { hash: hashSecret(key) } })
    if (row === null || row.revokedAt !== null || !isValid(row)) return null
    return { id: row.id, userId: row.userId, organisationId: row.organisationId }
  }
}

async function requireOwn(
  tx: Prisma.TransactionClient,
  { organisationId }: OrganisationScope,
  userId: string,
  id: string,
): Promise<void> {
  const found = await tx.apiKey.findFirst({ where: { id, userId, organisationId, revokedAt: null } })
  if (found === null) throw fail('access.noKey')
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
