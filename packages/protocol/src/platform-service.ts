import type { Call } from './call.ts'
import type { Row } from './view.ts'

/** An object that the platform holds: its row, what else is known of it, and how often it was changed. */
export interface PlatformObject<R extends Row = Row, Detail = unknown> {
  readonly row: R
  /** What only who asks for this one object is shown; null where there is nothing. */
  readonly detail: Detail | null
  /** Grows by one with each change. */
  readonly revision: number
  readonly changedAt: string
}

/**
 * The objects of one kind and organisation in the platform's database, as one call works with them. What is changed is in the
 * lists before the call is answered. Rows are checked by the noun. All of it belongs to the call's operation: a repeat under
 * the same id gives what is there, and CONFLICT where it asks for something else.
 */
export interface ObjectStore<R extends Row = Row, Detail = unknown> {
  /** As it is in the database now. NOT_FOUND where it is not there. */
  get(id: string): Promise<PlatformObject<R, Detail>>
  /** Makes one under a new id. CONFLICT where another has what the noun says is unique. */
  create(row: Omit<R, 'id'>, detail?: Detail): Promise<PlatformObject<R, Detail>>
  /** Changes fields of it; `revision`: CONFLICT where it was changed since, by whomever. */
  change(
    id: string,
    change: { row: Partial<Omit<R, 'id'>>; detail?: Detail; revision?: number | undefined },
  ): Promise<PlatformObject<R, Detail>>
  remove(id: string): Promise<void>
}

/** What a service is told beside its input: what every handler is, and the objects of its noun. */
export interface ServiceCall extends Call {
  readonly organisationId: string
  readonly objects: ObjectStore
}

/** The work of one method of a noun that the platform holds. Its input has the platform's ids where it names objects. */
export type Service = (input: never, call: ServiceCall) => Promise<unknown>

/** The services by noun and verb: `rules.create`. `list` and `inspect` need none: they derive. */
export type Services = Readonly<Record<string, Readonly<Record<string, Service>>>>
