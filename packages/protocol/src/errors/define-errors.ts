import type { ErrorCode } from './error-code.ts'
import type { ErrorParams } from './error-info.ts'

/** That a kind's `count` says how many objects use another one. Who is kept from some of them is told how many of the others do. */
export interface CountedUsers {
  /** The kind of what is counted. */
  readonly users: string
  /** The kind of what they use. */
  readonly of: string
  /** The kind of error that says the same without a number, for where there is none to be told. */
  readonly uncounted: `${string}.${string}`
}

/** That parameters of a kind tell of its objects. Who sees none of these is told the same without them. */
export interface TellingParams {
  readonly params: readonly string[]
  /** The kind of error that has none of them. */
  readonly unseen: `${string}.${string}`
}

/** One kind of error: its code, and its English sentence with `{placeholders}`. */
export interface ErrorDefinition {
  readonly code: ErrorCode
  readonly sentence: string
  readonly counts?: CountedUsers
  readonly tells?: TellingParams
}

/** The kinds of one area. A name is `area.whatHappened`; the sentence says what happened and what to do. */
export function defineErrors<const Kinds extends Record<`${string}.${string}`, ErrorDefinition>>(kinds: Kinds): Kinds {
  return kinds
}

type Placeholders<Sentence extends string> = Sentence extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never

/** What a sentence takes: a value for each of its placeholders. */
export type ParamsOf<Sentence extends string> = { [Name in Placeholders<Sentence>]: string | number }

/** Several areas in one: what takes each of them takes their intersection. */
export type Merged<One> = (One extends unknown ? (area: One) => void : never) extends (area: infer All) => void
  ? All
  : never

/** The sentence with its parameters in it. A placeholder without a value stays as it is. */
export function sentenceOf(sentence: string, params: ErrorParams): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(params, name) ? String(params[name]) : whole,
  )
}
