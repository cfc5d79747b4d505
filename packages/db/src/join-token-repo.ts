import type { PrismaClient } from './generated/client.ts'
import { type Maker, madeBy } from './maker.ts'
import type { OrganisationScope } from './scope.ts'
import { clockToleranceMs, isValid, validityNow } from './validity.ts'

/** What became of an invitation: nobody came yet, an agent used it up, or its time ran out before one did. */
export interface JoinTokenState {
  state: 'waiting' | 'used' | 'expired'
  expiresAt: Date
  /** The host that came with it; null before that, and for a moment while it is taken in. */
  hostId: string | null
}

export class JoinTokenRepo {
  readonly #prisma: PrismaClient

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma
  }

  /** Without a maker it is the command line. */
  async create(scope: OrganisationScope, input: { id: string; expiresAt: Date }, maker?: Maker): Promise<void> {
    await this.#prisma.$transaction(async (tx) => {
      const made = maker === undefined ? { createdBy: 'admin' } : await madeBy(tx, scope, maker)
      await tx.joinToken.create({ data: { ...input, ...made, organisationId: scope.organisationId } })
    })
  }

  /** Whether it could be used now, without using it up. */
  async peek(id: string): Promise<OrganisationScope | null> {
    const row = await this.#prisma.joinToken.findUnique({ where: { id } })
    if (row === null || row.usedAt !== null || !isValid(row)) return null
    return { organisationId: row.organisationId }
  }

  /** What became of it; null where this organisation has none of that id. */
  async find(scope: OrganisationScope, id: string): Promise<JoinTokenState | null> {
    const row = await this.#prisma.joinToken.findFirst({ where: { id, organisationId: scope.organisationId } })
    if (row === null) return null
    const { expiresAt, usedAt, usedByHostId } = row
    const open = isValid(row) ? 'waiting' : 'expired'
    return { state: usedAt === null ? open : 'used', expiresAt, hostId: usedByHostId }
  }

  /** Notes which host came with a token that was used up. */
  async usedBy(scope: OrganisationScope, id: string, hostId: string): Promise<void> {
    await this.#prisma.joinToken.updateMany({
      where: { id, organisationId: scope.organisationId },
      data: { usedByHostId: hostId },
    })
  }

  /** Uses it up. Of any number that try at once, one gets the organisation, the others null. */
  async use(id: string): Promise<OrganisationScope | null> {
    const now = validityNow()
    const [row] = await this.#prisma.$queryRaw<{ organisation_id: string }[]>`
      UPDATE join_token SET used_at = now()
      WHERE id = ${id} AND used_at IS NULL
        AND expires_at > ${new Date(now)} AND created_at <= ${new Date(now + clockToleranceMs)}
      RETURNING organisation_id`
    return row === undefined ? null : { organisationId: row.organisation_id }
  }
}
