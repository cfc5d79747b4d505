import * as nouns from './nouns/by-plural.ts'
import { registryOf } from './registry.ts'

/** Every noun of the product, by its name in the method table. */
export { nouns }
export type Nouns = typeof nouns

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
