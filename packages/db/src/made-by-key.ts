import { fail, type Role } from '@flotilla/protocol'
import type { Prisma } from './generated/client.ts'
import type { OrganisationScope } from './scope.ts'

/** What a key made and is still of use to whoever has it; what that made counts as well. */
export interface MadeByKey {
  people: { userId: string; email: string; name: string; role: Role; createdAt: string }[]
  keys: { id: string; name: string; prefix: string; owner: string; createdAt: string }[]
  /** Join tokens that no agent has used yet, and that have not expired. */
  tokens: { id: string; createdAt: string; expiresAt: string }[]
}

export async function madeByKey(
  tx: Prisma.TransactionClient,
  { organisationId }: OrganisationScope,
  id: string,
): Promise<MadeByKey> {
  const made = { organisationId, viaKeys: { has: id } }
  const people = await tx.membership.findMany({ where: made, include: { user: true }, orderBy: { createdAt: 'asc' } })
  const owners = people.map(({ userId }) => userId)
  // A person who goes has no key any more, whoever made it.
  const keys = await tx.apiKey.findMany({
    where: { organisationId, revokedAt: null, OR: [made, { userId: { in: owners } }] },
    include: { user: true },
    orderBy: { createdAt: 'asc' },
  })
  const unused = { usedAt: null, expiresAt: { gt: new Date() } }
  const tokens = await tx.joinToken.findMany({ where: { ...made, ...unused }, orderBy: { createdAt: 'asc' } })
  return {
    people: people.map(({ userId, user, role, createdAt }) => ({
      ...{ userId, email: user.email, name: user.name, role: role as Role, createdAt: createdAt.toISOString() },
    })),
    keys: keys.map(({ id: key, name, prefix, user, createdAt }) => ({
      ...{ id: key, name, prefix, owner: user.email, createdAt: createdAt.toISOString() },
    })),
    tokens: tokens.map(({ id: token, createdAt, expiresAt }) => ({
      ...{ id: token, createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() },
    })),
  }
}

/** Takes it away. CONFLICT where no owner would be left. */
export async function removeMade(
  tx: Prisma.TransactionClient,
  { organisationId }: OrganisationScope,
  { people, keys, tokens }: MadeByKey,
): Promise<void> {
  const userIds = people.map(({ userId }) => userId)
  await tx.joinToken.deleteMany({ where: { organisationId, usedAt: null, id: { in: tokens.map(({ id }) => id) } } })
  const ids = keys.map(({ id }) => id)
  await tx.apiKey.updateMany({ where: { organisationId, id: { in: ids } }, data: { revokedAt: new Date() } })
  await tx.user.deleteMany({ where: { id: { in: userIds } } })
  if (
    people.some(({ role }) => role === 'owner') &&
    (await tx.membership.count({ where: { organisationId, role: 'owner' } })) === 0
  )
    throw fail('access.lastOwner')
}
