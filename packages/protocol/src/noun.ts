import { z } from 'zod'
import type { PageFacts } from './asked-page.ts'
import type { Method } from './method.ts'
import type { PermissionFacts } from './permission-facts.ts'
import type { Reason } from './reasons/reason.ts'
import type { Known, Row, View } from './view.ts'

export type { Known, Row, View } from './view.ts'

/**
 * Where a noun's objects live. `watched`: on hosts, in their snapshots and changes, the fleet's index and the database.
 * `asked`: on hosts, listed there when somebody looks, kept nowhere. `platform`: in the platform's own database.
 */
export type Held = 'watched' | 'asked' | 'platform'

/** Another object that an object uses, by the engine's id of it. */
export interface Reference {
  readonly kind: string
  readonly id: string
}

/** What the platform adds to a row of what it knows by itself. */
export interface Added<R, Fields> {
  readonly shape: { readonly [Name in keyof Fields]: z.ZodType<Fields[Name]> }
  of(row: R, known: Known): Fields
}

/** What is wrong with an object, by its row alone. */
export interface RowProblem {
  readonly kind: string
  readonly severity: 'critical' | 'warning'
  readonly title: string
  readonly cause: string
  /** What that sentence is made of, where it is a reason's. */
  readonly causeFacts?: Reason
  readonly since: string | null
}

/** What a noun is; see docs/adr/0016-a-noun-is-a-value.md for what is derived from each field. */
export interface NounDefinition<
  Kind extends string,
  R extends Row,
  Detail,
  Fields,
  Hidden extends keyof R,
  Methods extends Readonly<Record<string, Method>>,
  V extends View<R>,
  Place extends Held = Held,
  Plural extends string = string,
> {
  /** Its name on the wire, in the index, the database, the audit and grants. */
  readonly kind: Kind
  /** Its name in the method table, addresses and permissions. */
  readonly plural: Plural
  readonly held: Place
  /** What a list shows, small. */
  readonly row: z.ZodType<R>
  /** Everything about one, with its row under the noun's kind. */
  readonly detail: z.ZodType<Detail>
  readonly view: V
  /** Rights and look-up go through this other object, which the field of every call names. */
  readonly parent?: { readonly kind: string; readonly field: string }
  /** Of what is asked for page by page: what its list follows from. Set by `definePagedNoun`. */
  readonly page?: PageFacts
  readonly adds?: Added<R, Fields>
  /** Fields that travel between agent and control plane alone. */
  readonly hides?: readonly Hidden[]
  readonly permissions: Readonly<Record<string, PermissionFacts>>
  readonly methods: Methods
  /** What an engine may lack of a method, by name (`containers.create.devices`); each absence carries a reason. */
  readonly options?: readonly string[]
  /** Those that are at work now, which hosts count by this name. */
  readonly active?: { readonly name: string; is(row: R): boolean }
  refs?(row: R): readonly Reference[]
  /** The objects of its own kind that are to run before it, as its row names them: each by its id or a name. */
  follows?(row: R): readonly string[]
  /** A name as rows have it, where people may leave parts of it out. */
  spelt?(name: string): string
  problems?(row: R): readonly RowProblem[]
  /** Beyond what a row may weigh: the row with its long texts cut, marked with `…`, and a word of why; the detail has them whole. */
  shortened?(row: R, reason: string): R
  /** Whether what is known came about after what a late answer says. */
  isNewer?(known: R, answer: R): boolean
  /** What no two objects of one organisation may share, of those that the platform holds; null where it is nothing. */
  unique?(row: R): string | null
  /** What an action came to, for the timeline. */
  outcome?(action: string, row: R): { exitCode: number | null }
}

/** Where what is shown is reached. */
const location = {
  hostId: z.string(),
  hostName: z.string(),
  hostIds: z
    .array(z.string())
    .optional()
    .describe(
      'Of an engine that spans machines: all hosts whose agents reach it, the one that it is reached through first',
    ),
}

/** How fresh what is shown is: stale rows come from an engine that no agent reaches now. */
const freshness = {
  /** When the host last said so, by the control plane's clock. */
  observedAt: z.iso.datetime(),
  stale: z.boolean(),
  /** Why, where the host is there and its engine is not, in the engine's words. A host's own reason stands with the host. */
  staleReason: z.string().optional(),
}

/** What every row of the platform has beside what its engine says: its ids, its host and its freshness. */
export interface Placed {
  /** The platform's id, of the object's kind, its engine and the engine's id of it. */
  id: string
  /** The engine's. */
  nativeId: string
  /** Of an engine that spans machines: whose agent it is reached through now. */
  hostId: string
  hostName: string
  /** Of an engine that spans machines: all whose agents reach it, the one that it is reached through first. */
  hostIds?: string[] | undefined
  observedAt: string
  stale: boolean
  staleReason?: string | undefined
}

/** How an object that the platform holds has come to be as it is. */
const stored = {
  /** Grows by one with each change of it. */
  revision: z.number().int().positive(),
  changedAt: z.iso.datetime(),
}

/** What every row has that the platform holds in its database: no host and no engine, and it is never stale. */
export interface Stored {
  id: string
  revision: number
  changedAt: string
}

/** A row as the platform gives it out. */
export type FleetRow<R, Fields, Hidden extends keyof R, Place extends Held = 'watched'> = Omit<R, Hidden | 'id'> &
  Fields &
  (Place extends 'platform' ? Stored : Placed)

export interface Noun<
  Kind extends string = string,
  R extends Row = Row,
  Detail = unknown,
  Fields = unknown,
  Hidden extends keyof R = keyof R,
  Methods extends Readonly<Record<string, Method>> = Readonly<Record<string, Method>>,
  V extends View<R> = View<R>,
  Place extends Held = Held,
  Plural extends string = string,
> extends NounDefinition<Kind, R, Detail, Fields, Hidden, Methods, V, Place, Plural> {
  /** The shape of a row as the platform gives it out. */
  readonly fleet: z.ZodType<FleetRow<R, Fields, Hidden, Place>>
  /** That and, beside it, what the host or the database says now; null where it cannot be asked. */
  readonly inspected: z.ZodType<FleetRow<R, Fields, Hidden, Place> & { detail: Omit<Detail, Kind> | null }>
}

/** A noun without its exact types, as what is derived from all nouns sees it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a row goes in and out of functions of its own noun alone
export type AnyNoun = Noun<string, any, any, any, any>

/** Makes a noun of its definition: the shapes that follow from it are made here. */
export function defineNoun<
  const Kind extends string,
  R extends Row,
  Detail,
  const Methods extends Readonly<Record<string, Method>>,
  V extends View<R>,
  const Place extends Held,
  Fields = object,
  Hidden extends keyof R = never,
  const Plural extends string = string,
>(
  definition: NounDefinition<Kind, R, Detail, Fields, Hidden, Methods, V, Place, Plural>,
): Noun<Kind, R, Detail, Fields, Hidden, Methods, V, Place, Plural> {
  const { kind, row, detail, adds, hides, held } = definition
  if (held === 'watched') for (const [verb, method] of Object.entries(definition.methods)) requireVersion(verb, method)
  const place =
    held === 'platform'
      ? { ...adds?.shape, ...stored }
      : { nativeId: z.string(), ...location, ...adds?.shape, ...freshness }
  const fleet = objectOf(row)
    .omit(mask(hides ?? []))
    .extend(place)
  const rest = objectOf(detail).omit(mask([kind]))
  return {
    ...definition,
    fleet: fleet as unknown as z.ZodType<FleetRow<R, Fields, Hidden, Place>>,
    inspected: fleet.extend({ detail: rest.nullable() }) as unknown as z.ZodType<
      FleetRow<R, Fields, Hidden, Place> & { detail: Omit<Detail, Kind> | null }
    >,
  }
}

/**
 * Throws where a method says what became of objects and its answer has no room for where that stands: without it the answer to
 * a repeat would count as news.
 */
function requireVersion(verb: string, method: Method): void {
  if (method.answers === undefined || !('output' in method)) return
  if ('version' in objectOf(method.output).shape) return
  throw new Error(`The answer of ${verb} says what became of an object, and has no version.`)
}

/** Fields as zod wants them named. */
function mask(names: readonly PropertyKey[]): Record<never, never> {
  return Object.fromEntries(names.map((name) => [name, true]))
}

function objectOf(shape: z.ZodType): z.ZodObject {
  if (shape instanceof z.ZodObject) return shape
  throw new Error('The row, the detail and what the changes of a noun answer are objects.')
}
