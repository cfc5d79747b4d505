import type { PrismaClient } from './generated/client.ts'
import { newId } from './ids.ts'
import type { OrganisationScope } from './scope.ts'

/** Most engines that one agent may ever name, so that none fills the database with names. */
const mostOfAgent = 32

/** An engine that spans machines, and the hosts whose agents are believed when they speak for it. */
export interface SpanningEngineRow extends OrganisationScope {
  readonly id: string
  readonly identity: string
  readonly agents: readonly { readonly hostId: string; readonly allowed: boolean }[]
}

/** What a host's agent is to an engine that it names. */
export interface EngineBinding {
  /** The platform's id of the engine. */
  readonly id: string
  readonly allowed: boolean
}

/** Which agents speak for which of the engines that span machines. */
export class SpanningEngineRepo {
  readonly #prisma: PrismaClient

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma
  }

  /** Of every organisation: for the fleet's own start. */
  async listAll(): Promise<SpanningEngineRow[]> {
    const agents = { select: { hostId: true, allowed: true }, orderBy: { createdAt: 'asc' } } as const
    return this.#prisma.spanningEngine.findMany({
      select: { id: true, organisationId: true, identity: true, agents },
      orderBy: { createdAt: 'asc' },
    })
  }

  /**
   * What an agent is to the engine that it names. The first of an organisation is believed; any other waits until `allow`.
   * Null where it has named too many.
   */
  bind({ organisationId }: OrganisationScope, hostId: string, identity: string): Promise<EngineBinding | null> {
    return this.#prisma.$transaction(async (tx) => {
      const known = await tx.engineAgent.findFirst({ where: { hostId, engine: { organisationId, identity } } })
      if (known !== null) return { id: known.engineId, allowed: known.allowed }
      if ((await tx.engineAgent.count({ where: { hostId } })) >= mostOfAgent) return null
      await tx.spanningEngine.createMany({ data: { id: newId(), organisationId, identity }, skipDuplicates: true })
      // Of two that come at once, one waits here for the other.
      const [engine] = await tx.$queryRaw<{ id: string }[]>`
        SELECT id FROM spanning_engine
        WHERE organisation_id = ${organisationId} AND identity = ${identity} FOR UPDATE`
      if (engine === undefined) return null
      const allowed = (await tx.engineAgent.count({ where: { engineId: engine.id, allowed: true } })) === 0
      await tx.engineAgent.create({ data: { engineId: engine.id, hostId, allowed } })
      return { id: engine.id, allowed }
    })
  }

  /** From now on the host's agent speaks for the engine. False where it does not name it. */
  async allow({ organisationId }: OrganisationScope, hostId: string, identity: string): Promise<boolean> {
    const { count } = await this.#prisma.engineAgent.updateMany({
      where: { hostId, engine: { organisationId, identity } },
      data: { allowed: true },
    })
    return count > 0
  }

  /** Forgets engines, and all that they had, for which nobody speaks any more. */
  async removeUnreached({ organisationId }: OrganisationScope): Promise<void> {
    await this.#prisma.spanningEngine.deleteMany({ where: { organisationId, agents: { none: { allowed: true } } } })
  }
}
