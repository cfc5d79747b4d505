import type { ErrorKind, ErrorParamsOf } from './catalog.ts'

/** The rules that a shape states by itself, whose sentences take no more than the field. */
export type InputRule = {
  [Kind in ErrorKind]: keyof ErrorParamsOf<Kind> extends 'field'
    ? 'field' extends keyof ErrorParamsOf<Kind>
      ? Kind
      : never
    : never
}[ErrorKind]

/** What a shape says where a rule of it is broken: the kind of error alone, as the message of the issue. */
export const rule = (kind: InputRule): InputRule => kind
