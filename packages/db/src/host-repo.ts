import { EngineInfo, fail, type HostAttributes, HostFacts, HostGroups, HostLabels } from '@flotilla/protocol'
import { z } from 'zod'
import type { Host, Prisma, PrismaClient } from './generated/client.ts'
import { newId } from './ids.ts'
import { isHeld, leaseUntil } from './lease.ts'
import type { OrganisationScope } from './scope.ts'

const Transport = z.enum(['socket', 'websocket', 'ssh'])

/** How an SSH host is reached. Its private key lies in a file of the control plane, never here. */
export const SshAddress = z.object({
  host: z.string().min(1).max(255),
  port: z.number().int().min(1).max(65535).default(22),
  username: z.string().min(1).max(64),
  /** `SHA256:…` of the server's key, as ssh-keygen prints it. */
  hostKey: z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}=?$/),
  agentSocket: z.string().min(1).max(107),
})
export type SshAddress = z.infer<typeof SshAddress>

export interface HostRow extends HostAttributes {
  id: string
  organisationId: string
  name: string
  transport: z.infer<typeof Transport>
  fingerprint: string | null
  address: SshAddress | null
  facts: HostFacts | null
  engines: EngineInfo[]
  lastSeenAt: Date | null
}

export class HostRepo {
  readonly #prisma: PrismaClient

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma
  }

  /** Of every organisation: for the fleet's own start. */
  async listAll(): Promise<HostRow[]> {
    return (await this.#prisma.host.findMany({ orderBy: { createdAt: 'asc' } })).map(hostRow)
  }

  async findByFingerprint(fingerprint: string): Promise<HostRow | null> {
    const row = await this.#prisma.host.findUnique({ where: { fingerprint } })
    return row === null ? null : hostRow(row)
  }

  /** The host behind the local socket; the first boot makes it, by its hostname. */
  async ensureLocal(scope: OrganisationScope, name: string): Promise<HostRow> {
    const where = { organisationId: scope.organisationId, transport: 'socket' }
    const found = await this.#prisma.host.findFirst({ where })
    if (found !== null) return hostRow(found)
    return this.create(scope, { name, transport: 'socket', fingerprint: null, address: null })
  }

  /** A name that is taken gets a number behind it. */
  async create(
    scope: OrganisationScope,
    input: Pick<HostRow, 'name' | 'transport' | 'fingerprint' | 'address'>,
  ): Promise<HostRow> {
    return this.#prisma.$transaction(async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(71026004)`
      const used = new Set(
        (await tx.host.findMany({ where: { organisationId: scope.organisationId }, select: { name: true } })).map(
          (row) => row.name,
        ),
      )
      let name = input.name
      for (let n = 2; used.has(name); n += 1) name = `${input.name}-${n}`
      const row = await tx.host.create({
        data: {
          id: newId().slice(0, 12),
          organisationId: scope.organisationId,
          name,
          transport: input.transport,
          fingerprint: input.fingerprint,
          ...(input.address === null ? {} : { address: input.address }),
        },
      })
      return hostRow(row)
    })
  }

  /** Another way to a host that is known by its key. */
  async setAddress(scope: OrganisationScope, id: string, address: SshAddress): Promise<HostRow> {
    const row = await this.#prisma.host.update({
      where: { id, organisationId: scope.organisationId },
      data: { address },
    })
    return hostRow(row)
  }

  /** What is left out stays as it is; answers with all as it is now. NOT_FOUND where there is no such host. */
  async setAttributes(scope: OrganisationScope, id: string, change: Partial<HostAttributes>): Promise<HostAttributes> {
    const where = { id, organisationId: scope.organisationId }
    const [row] = await this.#prisma.host.updateManyAndReturn({ where, data: attributeColumns(change) })
    if (row === undefined) throw noHost()
    return attributesOf(row)
  }

  async remove(scope: OrganisationScope, id: string): Promise<void> {
    const { count } = await this.#prisma.host.deleteMany({ where: { id, organisationId: scope.organisationId } })
    if (count === 0) throw noHost()
  }

  async saveFacts(id: string, facts: HostFacts | null, engines: readonly EngineInfo[], at: Date): Promise<void> {
    await this.#prisma.host.updateMany({
      where: { id },
      data: { lastSeenAt: at, engines: [...engines], ...(facts === null ? {} : { facts }) },
    })
  }

  /** True where `holder` has the link of this host until `ttlMs` from now; false where another one has it. */
  async takeLease(id: string, holder: string, ttlMs: number): Promise<boolean> {
    const count = await this.#prisma.$executeRaw`
      UPDATE host SET lease_holder = ${holder}, lease_until = ${leaseUntil(ttlMs)}
      WHERE id = ${id} AND (lease_holder IS NULL OR lease_holder = ${holder} OR NOT (${isHeld(ttlMs)}))`
    return count === 1
  }

  async releaseLease(id: string, holder: string): Promise<void> {
    await this.#prisma.host.updateMany({
      where: { id, leaseHolder: holder },
      data: { leaseHolder: null, leaseUntil: null },
    })
  }
}

function hostRow(row: Host): HostRow {
  return {
    id: row.id,
    organisationId: row.organisationId,
    name: row.name,
    transport: Transport.parse(row.transport),
    fingerprint: row.fingerprint,
    address: SshAddress.safeParse(row.address).data ?? null,
    facts: HostFacts.safeParse(row.facts).data ?? null,
    engines: z.array(EngineInfo).safeParse(row.engines).data ?? [],
    lastSeenAt: row.lastSeenAt,
    ...attributesOf(row),
  }
}

function noHost() {
  return fail('fleet.noSuchHost')
}

function attributeColumns({ labels, groups, cordon }: Partial<HostAttributes>): Prisma.HostUpdateManyMutationInput {
  return {
    ...(labels === undefined ? {} : { labels }),
    ...(groups === undefined ? {} : { groups }),
    ...(cordon === undefined
      ? {}
      : {
          cordonedAt: cordon?.at ?? null,
          cordonedBy: cordon?.actor ?? null,
          cordonReason: cordon?.reason ?? null,
        }),
  }
}

function attributesOf(row: Host): HostAttributes {
  return {
    labels: HostLabels.safeParse(row.labels).data ?? {},
    groups: HostGroups.safeParse(row.groups).data ?? [],
    cordon:
      row.cordonedAt === null
        ? null
        : { at: row.cordonedAt.toISOString(), actor: row.cordonedBy ?? '', reason: row.cordonReason },
  }
}
