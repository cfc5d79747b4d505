import type { PrismaClient } from './generated/client.ts'
import { newId } from './ids.ts'

export class OrganisationRepo {
  readonly #prisma: PrismaClient

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma
  }

  /** The one organisation of an instance; the first boot makes it. Two boots at once make one. */
  async ensureDefault(name: string): Promise<{ id: string; name: string }> {
    return this.#prisma.$transaction(async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(71026001)`
      const found = await tx.organisation.findFirst({ orderBy: { createdAt: 'asc' } })
      const row = found ?? (await tx.organisation.create({ data: { id: newId(), name } }))
      return { id: row.id, name: row.name }
    })
  }
}
