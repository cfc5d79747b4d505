import type { Merged, ParamsOf } from '../errors/define-errors.ts'
import * as facts from '../nouns/facts.ts'
import { engineReasons } from './engine-reasons.ts'

type Facts = typeof facts
type OfNouns = { [Area in keyof Facts as Area extends `${string}Reasons` ? Area : never]: Facts[Area] }

const ofNouns: object[] = Object.entries(facts).flatMap(([name, kinds]) => (name.endsWith('Reasons') ? [kinds] : []))

/** Every reason that this version of the product knows, with its English sentence. */
export const reasonKinds = Object.assign({}, engineReasons, ...ofNouns) as Merged<
  typeof engineReasons | OfNouns[keyof OfNouns]
>
export type ReasonKind = keyof typeof reasonKinds
/** The parameters that a reason's sentence takes. */
export type ReasonParamsOf<Kind extends ReasonKind> = ParamsOf<(typeof reasonKinds)[Kind]>

/** The English sentence of a reason; undefined for one that only a newer side knows. */
export function findReasonKind(kind: string): string | undefined {
  return Object.hasOwn(reasonKinds, kind) ? reasonKinds[kind as ReasonKind] : undefined
}
