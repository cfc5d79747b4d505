import { callErrors } from './call-errors.ts'
import type { ErrorDefinition, ParamsOf } from './define-errors.ts'

const areas = [callErrors] as const

/** Every kind of error that this version of the product knows. */
export const errorKinds = { ...callErrors }
export type ErrorKind = keyof typeof errorKinds
/** The parameters that a kind's sentence takes. */
export type ErrorParamsOf<Kind extends ErrorKind> = ParamsOf<(typeof errorKinds)[Kind]['sentence']>

/** How many kinds the areas define: as many as the catalog has, unless two areas use one name. */
export const definedKinds = areas.reduce((count, area) => count + Object.keys(area).length, 0)

/** A kind's code and sentence; undefined for one that only a newer side knows. */
export function findErrorKind(kind: string): ErrorDefinition | undefined {
  return Object.hasOwn(errorKinds, kind) ? errorKinds[kind as ErrorKind] : undefined
}
