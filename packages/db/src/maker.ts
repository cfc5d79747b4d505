import { fail } from '@flotilla/protocol'
import type { Prisma } from './generated/client.ts'
import type { OrganisationScope } from './scope.ts'

/** Who makes something, and with which of their keys; null where it is no key. */
export interface Maker {
  userId: string
  keyId: string | null
}

/** What is noted with something of who made it. */
export interface MadeBy {
  createdBy: string
  createdByKey: string | null
  viaKeys: string[]
}

/**
 * What is noted of a maker, in the transaction that makes it. What a key made goes under the same lock: nothing is made any more by
 * who goes with it, or by a key that was revoked meanwhile. UNAUTHENTICATED then.
 */
export async function madeBy(tx: Prisma.TransactionClient, scope: OrganisationScope, maker: Maker): Promise<MadeBy> {
  await lockMaking(tx)
  const { organisationId } = scope
  const { userId, keyId } = maker
  const membership = await tx.membership.findUnique({ where: { organisationId_userId: { organisationId, userId } } })
  const key =
    keyId === null ? null : await tx.apiKey.findFirst({ where: { id: keyId, organisationId, revokedAt: null } })
  if (membership === null || (keyId !== null && key === null)) throw fail('access.unknownCaller')
  const viaKeys = [...membership.viaKeys, ...(key === null ? [] : [...key.viaKeys, key.id])]
  return { createdBy: userId, createdByKey: keyId, viaKeys: [...new Set(viaKeys)] }
}

/** One after the other is made, or goes with its key. */
export async function lockMaking(tx: Prisma.TransactionClient): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(71026003)`
}
