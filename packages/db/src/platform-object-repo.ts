import { printable } from './audit-repo.ts'
import { Prisma, type PlatformObject, type PrismaClient } from './generated/client.ts'
import { storable } from './operation-row.ts'
import type { OrganisationScope } from './scope.ts'

/** Which object of which organisation. */
export interface PlatformKey extends OrganisationScope {
  readonly kind: string
  readonly id: string
}

/** What is written of an object, and by which operation. */
export interface PlatformWrite {
  readonly row: unknown
  readonly detail: unknown
  readonly uniqueName: string | null
  readonly operationId: string
  readonly fingerprint: string
}

export interface PlatformObjectRow extends PlatformKey, PlatformWrite {
  readonly revision: number
  readonly changedAt: Date
}

/** What came of a write: the object, or why there is none. */
export type Written = PlatformObjectRow | 'exists' | 'not-unique'

/** The objects that the platform itself holds, of every noun. */
export class PlatformObjectRepo {
  readonly #prisma: PrismaClient

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma
  }

  /** Of every organisation, without their details: for the fleet's own start. */
  async listAll(): Promise<Omit<PlatformObjectRow, 'detail'>[]> {
    const rows = await this.#prisma.platformObject.findMany({ omit: { detail: true }, orderBy: { createdAt: 'asc' } })
    return rows.map((row) => objectRow({ ...row, detail: null }))
  }

  async find({ organisationId, kind, id }: PlatformKey): Promise<PlatformObjectRow | null> {
    const where = { organisationId_kind_id: { organisationId, kind, id } }
    const row = await this.#prisma.platformObject.findUnique({ where })
    return row === null ? null : objectRow(row)
  }

  /** `exists`: the id is there already. `not-unique`: another of the kind has its unique name. */
  async create(key: PlatformKey, write: PlatformWrite): Promise<Written> {
    const { organisationId, kind, id } = key
    const data = { ...columnsOf(write), organisationId, kind, id }
    const [row] = await this.#prisma.platformObject.createManyAndReturn({ data, skipDuplicates: true })
    if (row !== undefined) return objectRow(row)
    return (await this.find(key)) === null ? 'not-unique' : 'exists'
  }

  /** `exists`: it is not at this revision any more, or not there. `not-unique`: another has its unique name. */
  async change(key: PlatformKey, revision: number, write: PlatformWrite): Promise<Written> {
    const { organisationId, kind, id } = key
    try {
      const [row] = await this.#prisma.platformObject.updateManyAndReturn({
        where: { organisationId, kind, id, revision },
        data: { ...columnsOf(write), revision: { increment: 1 }, changedAt: new Date() },
      })
      return row === undefined ? 'exists' : objectRow(row)
    } catch (error) {
      if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002') return 'not-unique'
      throw error
    }
  }

  /** Nothing where it is not there. */
  async remove({ organisationId, kind, id }: PlatformKey): Promise<void> {
    await this.#prisma.platformObject.deleteMany({ where: { organisationId, kind, id } })
  }
}

function columnsOf({ row, detail, uniqueName, operationId, fingerprint }: PlatformWrite) {
  return {
    ...{ row: storable(row), operationId, fingerprint },
    uniqueName: uniqueName === null ? null : printable(uniqueName),
    detail: detail === null ? Prisma.DbNull : storable(detail),
  }
}

function objectRow(row: PlatformObject): PlatformObjectRow {
  const { createdAt: _created, ...rest } = row
  return { ...rest, revision: Number(row.revision) }
}
