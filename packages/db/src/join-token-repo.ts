import type { PrismaClient } from './generated/client.ts'
import { hashSecret, newId } from './ids.ts'
import type { OrganisationScope } from './scope.ts'

export class JoinTokenRepo {
  readonly #prisma: PrismaClient

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma
  }

  async create(scope: OrganisationScope, input: { secret: string; createdBy: string; expiresAt: Date }): Promise<void> {
    await this.#prisma.joinToken.create({
      data: {
        id: newId(),
        organisationId: scope.organisationId,
        hash: hashSecret(input.secret),
        createdBy: input.createdBy,
        expiresAt: input.expiresAt,
      },
    })
  }

  /** Whether it could be used now, without using it up. */
  async peek(secret: string): Promise<OrganisationScope | null> {
    const row = await this.#prisma.joinToken.findUnique({ where: { hash: hashSecret(secret) } })
    if (row === null || row.usedAt !== null || row.expiresAt.getTime() <= Date.now()) return null
    return { organisationId: row.organisationId }
  }

  /** Uses it up. Of any number that try at once, one gets the organisation, the others null. */
  async use(secret: string): Promise<OrganisationScope | null> {
    const rows = await this.#prisma.$queryRaw<{ organisation_id: string }[]>`
      UPDATE join_token SET used_at = now()
      WHERE hash = ${hashSecret(secret)} AND used_at IS NULL AND expires_at > now()
      RETURNING organisation_id`
    const [row] = rows
    return row === undefined ? null : { organisationId: row.organisation_id }
  }
}
