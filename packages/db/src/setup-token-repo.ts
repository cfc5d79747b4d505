import { fail } from '@flotilla/protocol'
import { createPerson, type Member, type NewPerson } from './access-repo.ts'
import type { PrismaClient } from './generated/client.ts'
import { hashSecret, newId, newSecret } from './ids.ts'
import type { OrganisationScope } from './scope.ts'
import { endAfter, isValid } from './validity.ts'

export class SetupTokenRepo {
  readonly #prisma: PrismaClient

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma
  }

  /** A new link's secret; links made before no longer work. */
  async issue(scope: OrganisationScope, ttlMs: number): Promise<string> {
    const secret = newSecret()
    await this.#prisma.$transaction([
      this.#prisma.setupToken.deleteMany({ where: { organisationId: scope.organisationId, usedAt: null } }),
      this.#prisma.setupToken.create({
        data: {
          id: newId(),
          organisationId: scope.organisationId,
          hash: hashSecret(secret),
          expiresAt: endAfter(ttlMs),
        },
      }),
    ])
    return secret
  }

  /** Whether the link would work now. */
  async valid(secret: string): Promise<boolean> {
    const row = await this.#prisma.setupToken.findUnique({ where: { hash: hashSecret(secret) } })
    return row !== null && row.usedAt === null && isValid(row)
  }

  /**
   * Makes the first owner and uses the link up, together. Of any number that try at once one succeeds; the others, and
   * everybody once there is an owner, get PERMISSION_DENIED.
   */
  async complete(secret: string, person: Omit<NewPerson, 'role'>): Promise<OrganisationScope & Member> {
    const refused = fail('access.setupSpent')
    return this.#prisma.$transaction(async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(71026005)`
      const row = await tx.setupToken.findUnique({ where: { hash: hashSecret(secret) } })
      if (row === null || row.usedAt !== null || !isValid(row)) throw refused
      const scope = { organisationId: row.organisationId }
      if ((await tx.membership.count({ where: { ...scope, role: 'owner' } })) > 0) throw refused
      await tx.setupToken.update({ where: { id: row.id }, data: { usedAt: new Date() } })
      const member = await createPerson(tx, scope, { ...person, role: 'owner' })
      return { ...scope, ...member }
    })
  }
}
