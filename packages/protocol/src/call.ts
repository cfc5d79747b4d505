import type { Progress } from './operation.ts'
import type { Scope } from './permission.ts'
import type { Download, Duplex, MethodTable, Stream, Unary, Upload } from './method.ts'

/** What a handler is told beside its input. */
export interface Call {
  /** Aborted when the caller cancels, its deadline passes or the link ends. Every wait in a handler obeys it. */
  readonly signal: AbortSignal
  /** Who asks, and with which right; the agent checks it against the method again. */
  readonly scope: Scope
  /** The caller's id of this change; handlers of changes make the same id give the same outcome. Empty for reads. */
  readonly operationId: string
  /** Reports a step of a long change to whoever watches the operation. */
  readonly progress: (progress: Progress) => void
}

/** What a caller may say beside the input. */
export interface CallOptions {
  signal?: AbortSignal
  /** Milliseconds until the call answers TIMEOUT. Unary calls have a default, streams have none. 0: no deadline. */
  timeoutMs?: number
  scope?: Scope
  operationId?: string
}

export type Incoming<Message> = AsyncIterable<Uint8Array | Message>

/** The signature of a method's handler: parsed input, then the call. */
export type Handler<M> =
  M extends Unary<infer _Raw, infer In, infer Out>
    ? (input: In, call: Call) => Promise<Out>
    : M extends Stream<infer _Raw, infer In, infer Item>
      ? (input: In, call: Call) => AsyncIterable<Item>
      : M extends Duplex<infer _Raw, infer In, infer Up, infer Down>
        ? (input: In, incoming: Incoming<Up>, call: Call) => AsyncIterable<Uint8Array | Down>
        : M extends Upload<infer _Raw, infer In, infer Out>
          ? (input: In, body: AsyncIterable<Uint8Array>, call: Call) => Promise<Out>
          : M extends Download<infer _Raw, infer In>
            ? (input: In, call: Call) => AsyncIterable<Uint8Array>
            : never

/** The caller's side of the same method: raw input (defaults may be left out), then options. */
export type Caller<M> =
  M extends Unary<infer Raw, infer _In, infer Out>
    ? (input: Raw, options?: CallOptions) => Promise<Out>
    : M extends Stream<infer Raw, infer _In, infer Item>
      ? (input: Raw, options?: CallOptions) => AsyncIterable<Item>
      : M extends Duplex<infer Raw, infer _In, infer Up, infer Down>
        ? (input: Raw, outgoing: Incoming<Up>, options?: CallOptions) => AsyncIterable<Uint8Array | Down>
        : M extends Upload<infer Raw, infer _In, infer Out>
          ? (input: Raw, body: AsyncIterable<Uint8Array>, options?: CallOptions) => Promise<Out>
          : M extends Download<infer Raw, infer _In>
            ? (input: Raw, options?: CallOptions) => AsyncIterable<Uint8Array>
            : never

/** A full set of handlers for a table. */
export type Handlers<T extends MethodTable> = { [N in keyof T]: { [V in keyof T[N]]: Handler<T[N][V]> } }

/** A partial set of handlers: what is not there is not supported. */
export type PartialHandlers<T extends MethodTable> = { [N in keyof T]?: { [V in keyof T[N]]?: Handler<T[N][V]> } }

/** What an item holds under this that is its JSON text already: the link sends that and makes none. */
export const jsonText = Symbol('json text')

/** The streams of a table as they are on the wire: each item is its JSON text in UTF-8, neither parsed nor checked. */
export type Passage<T extends MethodTable> = {
  [N in keyof T]: {
    [V in keyof T[N]]: T[N][V] extends Stream<infer Raw, infer _In, infer _Item>
      ? (input: Raw, options?: CallOptions) => AsyncIterable<Uint8Array>
      : never
  }
}

/** What `connect` gives: the table as functions. */
export type Client<T extends MethodTable> = { [N in keyof T]: { [V in keyof T[N]]: Caller<T[N][V]> } }
