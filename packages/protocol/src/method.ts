import type { z } from 'zod'
import type { Permission } from './permission.ts'

/** What every entry of a method table declares beside its shapes. */
export interface MethodOptions {
  /** The right that the caller needs. Checked by the control plane, and again by the agent against the call's scope. */
  permission: Permission
  /** A change: journalled under the caller's operation id. */
  change?: boolean
}

/** One input, one answer. */
export interface Unary<Raw, In, Out> extends MethodOptions {
  kind: 'unary'
  input: z.ZodType<In, Raw>
  output: z.ZodType<Out>
}

/** One input, many items. */
export interface Stream<Raw, In, Item> extends MethodOptions {
  kind: 'stream'
  input: z.ZodType<In, Raw>
  item: z.ZodType<Item>
}

/** One input, then bytes and messages both ways. */
export interface Duplex<Raw, In, Up, Down> extends MethodOptions {
  kind: 'duplex'
  input: z.ZodType<In, Raw>
  up: z.ZodType<Up>
  down: z.ZodType<Down>
}

/** One input and a body of bytes, one answer. */
export interface Upload<Raw, In, Out> extends MethodOptions {
  kind: 'upload'
  input: z.ZodType<In, Raw>
  output: z.ZodType<Out>
}

/** One input, a body of bytes back. */
export interface Download<Raw, In> extends MethodOptions {
  kind: 'download'
  input: z.ZodType<In, Raw>
}

/** Any entry of a table; its exact shapes are inferred from the table by handlers and clients. */
export type Method =
  | Unary<unknown, unknown, unknown>
  | Stream<unknown, unknown, unknown>
  | Duplex<unknown, unknown, unknown, unknown>
  | Upload<unknown, unknown, unknown>
  | Download<unknown, unknown>

/** Nouns, each with its verbs: `methods.containers.list`. */
export type MethodTable = Record<string, Record<string, Method>>

export function unary<Raw, In, Out>(
  input: z.ZodType<In, Raw>,
  output: z.ZodType<Out>,
  options: MethodOptions,
): Unary<Raw, In, Out> {
  return { kind: 'unary', input, output, ...options }
}

export function stream<Raw, In, Item>(
  input: z.ZodType<In, Raw>,
  item: z.ZodType<Item>,
  options: MethodOptions,
): Stream<Raw, In, Item> {
  return { kind: 'stream', input, item, ...options }
}

export function duplex<Raw, In, Up, Down>(
  input: z.ZodType<In, Raw>,
  messages: { up: z.ZodType<Up>; down: z.ZodType<Down> },
  options: MethodOptions,
): Duplex<Raw, In, Up, Down> {
  return { kind: 'duplex', input, ...messages, ...options }
}

export function upload<Raw, In, Out>(
  input: z.ZodType<In, Raw>,
  output: z.ZodType<Out>,
  options: MethodOptions,
): Upload<Raw, In, Out> {
  return { kind: 'upload', input, output, ...options }
}

export function download<Raw, In>(input: z.ZodType<In, Raw>, options: MethodOptions): Download<Raw, In> {
  return { kind: 'download', input, ...options }
}
