import * as exported from './nouns/index.ts'
import type { AnyNoun } from './noun.ts'
import { registryOf } from './registry.ts'

type Exported = typeof exported
type PluralOf<One> = One extends { readonly kind: string; readonly plural: infer Plural extends string }
  ? Plural
  : never

/** Every noun of the product, by its name in the method table: whatever `nouns/index.ts` exports that is one. */
export type Nouns = { [Name in keyof Exported as PluralOf<Exported[Name]>]: Exported[Name] }
export const nouns = Object.fromEntries(
  Object.values<unknown>(exported)
    .filter(isNoun)
    .map((noun) => [noun.plural, noun]),
) as Nouns

function isNoun(value: unknown): value is AnyNoun {
  return typeof value === 'object' && value !== null && 'kind' in value && 'plural' in value && 'methods' in value
}
/** What derives from all of them. */
export const registry = registryOf(Object.values(nouns))

type ManyOf<Plural extends keyof Nouns, Methods = Nouns[Plural]['methods']> = {
  [Verb in keyof Methods & string]: Methods[Verb] extends { many: true } ? `${Plural}.${Verb}` : never
}[keyof Methods & string]

/** The full name of a method that can be asked of many at once. */
export type ManyMethod = { [Plural in keyof Nouns]: ManyOf<Plural> }[keyof Nouns]

/** Every method whose entry says `many`. */
export const manyMethods = registry.methodNames.filter(
  (name): name is ManyMethod => registry.method(name)?.many === true,
)
