import type { PrismaClient } from './generated/client.ts'
import type { OrganisationScope } from './scope.ts'

export class JoinTokenRepo {
  readonly #prisma: PrismaClient

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma
  }

  async create(scope: OrganisationScope, input: { id: string; createdBy: string; expiresAt: Date }): Promise<void> {
    await this.#prisma.joinToken.create({ data: { ...input, organisationId: scope.organisationId } })
  }

  /** Whether it could be used now, without using it up. */
  async peek(id: string): Promise<OrganisationScope | null> {
    const row = await this.#prisma.joinToken.findUnique({ where: { id } })
    if (row === null || row.usedAt !== null || row.expiresAt.getTime() <= Date.now()) return null
    return { organisationId: row.organisationId }
  }

  /** Uses it up. Of any number that try at once, one gets the organisation, the others null. */
  async use(id: string): Promise<OrganisationScope | null> {
    const [row] = await this.#prisma.$queryRaw<{ organisation_id: string }[]>`
      UPDATE join_token SET used_at = now()
      WHERE id = ${id} AND used_at IS NULL AND expires_at > now()
      RETURNING organisation_id`
    return row === undefined ? null : { organisationId: row.organisation_id }
  }
}
