import type { PrismaClient } from './generated/client.ts'
import { allButRefused } from './refused.ts'

/** Who has an object: a host, or an engine that spans machines. */
export type ObjectHolder = { hostId: string } | { spanningEngineId: string }

export interface StoredObject {
  organisationId: string
  holder: ObjectHolder
  kind: string
  /** The host's own name of its engine; empty where the engine is the holder. */
  engine: string
  nativeId: string
  epoch: string
  sequence: number
  data: unknown
  observedAt: string
}

export type ObjectKey = Pick<StoredObject, 'holder' | 'kind' | 'engine' | 'nativeId'>

/** The fleet's last known state. Written by the index alone, in batches. */
export class FleetObjectRepo {
  readonly #prisma: PrismaClient

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma
  }

  /**
   * One statement for the batch. Within one epoch an older sequence never replaces a newer one. Answers those that the
   * database refuses for what they hold; all others are saved.
   */
  saveBatch(objects: readonly StoredObject[]): Promise<StoredObject[]> {
    return allButRefused(objects, (some) => this.#save(some))
  }

  /** A key that the database refuses was never saved. */
  async removeBatch(keys: readonly ObjectKey[]): Promise<void> {
    await allButRefused(keys, (some) => this.#remove(some))
  }

  async listOf(holder: ObjectHolder): Promise<StoredObject[]> {
    const rows = await this.#prisma.fleetObject.findMany({ where: { holderId: idOf(holder) } })
    return rows.map((row) => ({
      organisationId: row.organisationId,
      holder,
      kind: row.kind,
      engine: row.engine,
      nativeId: row.nativeId,
      epoch: row.epoch,
      sequence: Number(row.sequence),
      data: row.data,
      observedAt: row.observedAt.toISOString(),
    }))
  }

  async #save(objects: readonly StoredObject[]): Promise<void> {
    const rows = JSON.stringify(
      objects.map((object) => ({
        organisation_id: object.organisationId,
        holder_id: idOf(object.holder),
        kind: object.kind,
        engine: object.engine,
        native_id: object.nativeId,
        epoch: object.epoch,
        sequence: object.sequence,
        data: object.data,
        observed_at: object.observedAt,
      })),
    )
    // Of a holder that is gone meanwhile nothing is kept. No host has the id of an engine: they differ in length.
    await this.#prisma.$executeRaw`
      INSERT INTO fleet_object (organisation_id, holder_id, host_id, spanning_engine_id, kind, engine, native_id, epoch,
        sequence, data, observed_at)
      SELECT r.organisation_id, r.holder_id, h.id, e.id, r.kind, r.engine, r.native_id, r.epoch, r.sequence, r.data,
        r.observed_at
      FROM jsonb_to_recordset(${rows}::jsonb) AS r(organisation_id text, holder_id text, kind text, engine text,
        native_id text, epoch text, sequence bigint, data jsonb, observed_at timestamptz)
      LEFT JOIN host h ON h.id = r.holder_id
      LEFT JOIN spanning_engine e ON e.id = r.holder_id
      WHERE h.id IS NOT NULL OR e.id IS NOT NULL
      ON CONFLICT (holder_id, kind, engine, native_id) DO UPDATE
      SET epoch = excluded.epoch, sequence = excluded.sequence, data = excluded.data, observed_at = excluded.observed_at
      WHERE fleet_object.epoch <> excluded.epoch OR fleet_object.sequence <= excluded.sequence`
  }

  async #remove(keys: readonly ObjectKey[]): Promise<void> {
    const rows = JSON.stringify(
      keys.map(({ holder, kind, engine, nativeId }) => ({
        holder_id: idOf(holder),
        kind,
        engine,
        native_id: nativeId,
      })),
    )
    await this.#prisma.$executeRaw`
      DELETE FROM fleet_object f
      USING jsonb_to_recordset(${rows}::jsonb) AS r(holder_id text, kind text, engine text, native_id text)
      WHERE f.holder_id = r.holder_id AND f.kind = r.kind AND f.engine = r.engine AND f.native_id = r.native_id`
  }
}

function idOf(holder: ObjectHolder): string {
  return 'hostId' in holder ? holder.hostId : holder.spanningEngineId
}
