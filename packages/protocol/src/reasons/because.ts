import { findErrorKind } from '../errors/catalog.ts'
import { sentenceOf } from '../errors/define-errors.ts'
import { type ErrorParams, mostInPlaceholder } from '../errors/error-info.ts'
import type { FlotillaError } from '../errors/flotilla-error.ts'
import { findReasonKind, type ReasonKind, type ReasonParamsOf } from './catalog.ts'
import type { StoredReason, Reason } from './reason.ts'

type Arguments<Kind extends ReasonKind> =
  Record<never, never> extends ReasonParamsOf<Kind> ? [] : [params: ReasonParamsOf<Kind>]

/** Makes a reason of a kind; its sentence follows from the catalog wherever it is told. */
export function because<Kind extends ReasonKind>(kind: Kind, ...[params]: Arguments<Kind>): Reason {
  return params === undefined ? { kind } : { kind, params: bounded({ ...params }) }
}

/** A failure as a reason: its kind, or its sentence alone where an older side told it. */
export function becauseOf({ kind, params, message }: Pick<FlotillaError, 'kind' | 'params' | 'message'>): StoredReason {
  if (kind === undefined) return message
  return Object.keys(params).length === 0 ? { kind } : { kind, params: bounded(params) }
}

/** A program's words may be of any length, and a reason is to be read again: what is too long is cut, between two characters. */
function bounded(params: ErrorParams): ErrorParams {
  const cut = Object.entries(params).map(([name, value]) => [
    name,
    typeof value === 'string' ? value.slice(0, mostInPlaceholder).replace(/[\uD800-\uDBFF]$/, '') : value,
  ])
  return Object.fromEntries(cut) as ErrorParams
}

/** The English sentence of a kind of reason or error, its parameters in it; undefined where the kind is not known here. */
export function knownSentence({ kind, params }: Reason): string | undefined {
  const sentence = findReasonKind(kind) ?? findErrorKind(kind)?.sentence
  return sentence === undefined ? undefined : sentenceOf(sentence, params ?? {})
}

/** A reason's English sentence. One that an agent of a newer version kept, before its host went back, may have no known one. */
export function reasonSentence(reason: StoredReason): string {
  if (typeof reason === 'string') return reason
  return knownSentence(reason) ?? `The reason is one that this version of Flotilla does not know: ${reason.kind}.`
}

/** The two fields by which rows and answers tell a reason: its English sentence, and beside it what that is made of. */
export type ReasonFields<Name extends string> = { [Field in Name]?: string } & { [Field in `${Name}Facts`]?: Reason }

/** A reason as the fields of that name, none where there is none; a kept sentence has nothing beside it. */
export function reasonFields<Name extends string>(
  name: Name,
  reason: StoredReason,
): ReasonFields<Name> & { [Field in Name]: string }
export function reasonFields<Name extends string>(
  name: Name,
  reason: StoredReason | null | undefined,
): ReasonFields<Name>
export function reasonFields<Name extends string>(
  name: Name,
  reason: StoredReason | null | undefined,
): ReasonFields<Name> {
  if (reason === null || reason === undefined) return {} as ReasonFields<Name>
  const facts = typeof reason === 'string' ? {} : { [`${name}Facts`]: reason }
  return { [name]: reasonSentence(reason), ...facts } as ReasonFields<Name>
}
