import { hostPermissions } from './host-permissions.ts'
import type { Method, MethodTable } from './method.ts'
import type { AnyNoun } from './noun.ts'
import type { PermissionFacts } from './permission-facts.ts'
import { peoplePermissions } from './people-permissions.ts'
import { eventMethods } from './event-methods.ts'

/** What derives from a list of nouns: the method table of an engine, what it may lack, and the permissions. */
export interface Registry {
  readonly nouns: readonly AnyNoun[]
  /** By their kind. */
  readonly byKind: ReadonlyMap<string, AnyNoun>
  /** Those whose rows agents send and the fleet's index holds. */
  readonly watched: readonly AnyNoun[]
  /** Those whose rows the platform's own database holds, and the fleet's index beside those that are watched. */
  readonly platform: readonly AnyNoun[]
  /** What engines are asked: the methods of all nouns that hosts hold. */
  readonly methods: MethodTable
  /** Every method of that table by its full name, `containers.list`. */
  readonly methodNames: readonly string[]
  readonly options: readonly string[]
  readonly permissions: Readonly<Record<string, PermissionFacts>>
  /** The entry of a full name; undefined where the table has none. Names may come from outside. */
  method(name: string): Method | undefined
  /** The noun that a method belongs to. */
  nounOf(name: string): AnyNoun | undefined
}

export function registryOf(nouns: readonly AnyNoun[]): Registry {
  const ofHosts = nouns.filter(({ held }) => held !== 'platform')
  const byPlural = new Map(ofHosts.map((noun) => [noun.plural, noun]))
  const methods: MethodTable = {
    ...Object.fromEntries(ofHosts.map(({ plural, methods: own }) => [plural, own])),
    events: eventMethods,
  }
  const byName = new Map<string, Method>(
    Object.entries(methods).flatMap(([plural, verbs]) =>
      Object.entries(verbs).map(([verb, method]) => [`${plural}.${verb}`, method] as const),
    ),
  )
  return {
    nouns,
    byKind: new Map(nouns.map((noun) => [noun.kind, noun])),
    watched: nouns.filter(({ held }) => held === 'watched'),
    platform: nouns.filter(({ held }) => held === 'platform'),
    methods,
    methodNames: [...byName.keys()],
    options: ofHosts.flatMap(({ options = [] }) => options),
    permissions: nouns.reduce<Record<string, PermissionFacts>>((all, noun) => ({ ...all, ...noun.permissions }), {
      ...hostPermissions,
      ...peoplePermissions,
    }),
    method: (name) => byName.get(name),
    nounOf: (name) => byPlural.get(name.slice(0, name.indexOf('.'))),
  }
}
