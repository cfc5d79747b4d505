import * as facts from '../nouns/facts.ts'
import * as common from './areas.ts'
import type { ErrorDefinition, Merged, ParamsOf } from './define-errors.ts'

type Facts = typeof facts
type OfNouns = { [Area in keyof Facts as Area extends `${string}Errors` ? Area : never]: Facts[Area] }
type Areas = typeof common & OfNouns

const areas: Record<string, object> = {
  ...common,
  ...Object.fromEntries(Object.entries(facts).filter(([name]) => name.endsWith('Errors'))),
}

type ErrorKinds = Merged<Areas[keyof Areas]>

/** Every kind of error that this version of the product knows. */
export const errorKinds = Object.assign({}, ...Object.values(areas)) as ErrorKinds
export type ErrorKind = keyof ErrorKinds
/** The parameters that a kind's sentence takes. */
export type ErrorParamsOf<Kind extends ErrorKind> = ParamsOf<ErrorKinds[Kind]['sentence']>

/** How many kinds the areas define: as many as the catalog has, unless two areas use one name. */
export const definedKinds = Object.values(areas).reduce((count, area) => count + Object.keys(area).length, 0)

/** A kind's code and sentence; undefined for one that only a newer side knows. */
export function findErrorKind(kind: string): ErrorDefinition | undefined {
  return Object.hasOwn(errorKinds, kind) ? errorKinds[kind as ErrorKind] : undefined
}
