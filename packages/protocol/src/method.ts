import type { z } from 'zod'
import type { ErrorField } from './errors/index.ts'

/** Where a call that changes something leaves the object that it is about. */
export type Answers<Out = unknown> =
  /** The answer holds the object as it is now, under its noun's kind. */
  | 'row'
  /** The object that the input names is gone. */
  | 'gone'
  /** The ids of the objects of the method's noun that are gone, read from the answer. */
  | { gone(answer: Out): readonly string[] }
  /** The answer holds another noun's object as it is now, under that one's kind. */
  | { row: string }

/**
 * Which field of the input names which kind of object: by id, a unique beginning of it, or a name. A change takes no fewer than
 * twelve digits of an id (`object-ref.ts`).
 */
export interface Target {
  readonly kind: string
  readonly field: string
}

/** Where a method stands in REST, below /api/v1. */
export interface Rest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  readonly path: `/${string}`
  /** One line of what it does. */
  readonly summary: string
}

/** More than its own world: what of an input asks for it, in words, and the permission that it then takes. */
export interface Privileged<In> {
  readonly permission: string
  reasons(input: In): string[]
}

/** Another object of the same engine, as an input names it in the engine's own way. */
export interface NamedObject {
  readonly kind: string
  /** Its name, its id or, where `byName` is not set, a beginning of that. */
  readonly ref: string
  readonly byName?: boolean
  /** What who calls needs for it. */
  readonly permission: string
  /** The engine makes or fetches it where there is none. */
  readonly makes?: boolean
  /** Where it stands in the input. */
  readonly field: ErrorField
}

/**
 * What every entry of a method table declares beside its shapes. Guards, the journal, the audit, the hub, tRPC and REST are
 * derived from these facts; nothing asks for a method by its name.
 */
export interface MethodOptions<In = unknown, Out = unknown> {
  /** What the caller needs. Checked by the control plane, and again by the agent against the call's scope. */
  permission: string
  /** What the caller needs for the target as well. Checked by the control plane alone: an older one does not send it. */
  alsoNeeds?: string
  /** A change: journalled under the caller's operation id. */
  change?: boolean
  target?: Target
  /** Another object of the same engine that the input names; who calls must see it and have the permission for it too. */
  beside?: Target
  /** The objects that an input names deep inside of it, and that the engine looks up: who calls must see each of them. */
  names?(input: In): NamedObject[]
  /** Objects of the same engine whose whole ids a list of the input holds. An id that who calls does not see is as one of nothing. */
  each?: Target
  /** The list of its answer whose items may hold the failure of one object each, as `error`. */
  failures?: string
  answers?: Answers<Out>
  /** Milliseconds that a caller waits unless it says otherwise; 0: for ever. */
  deadlineMs?: number
  rest?: Rest
  /** The named options of an engine that an input makes use of. */
  options?(input: In): string[]
  /** Where in the input an option that it makes use of stands, for a failure that is about it. */
  optionField?(option: string, input: In): ErrorField | undefined
  privileged?: Privileged<In>
  /**
   * A permission that an engine may ask for once it has seen the object that the input names, such as a volume that is a folder of
   * the host: it travels in the scope of whoever has it, and nobody else is refused for it before.
   */
  carries?: string
  /** Its answer is what programs printed or files hold, or numbers: it is passed on as it is, with nothing taken out. */
  verbatim?: true
  /** It takes room on the host's disk, and is refused where only the last of it is left, which is for what runs. */
  fills?: true
  /** It puts new work on a host, which one that is cordoned does not take. */
  schedules?: true
  /** The actions in an engine's events that it explains. */
  causes?: readonly string[]
  /** Asked of many objects, or of many hosts, as one operation of the platform (`operations.bulk`, ADR 14). */
  many?: true
  /** Of many at once, those that another of them `follows` by its noun come first, and the other once they have ended. */
  inOrder?: true
  /** What it makes is another object than its target, and its title is what that is to be called. */
  makesAnother?: true
  /** What it is about where it names no object that is there, for the journal: a name, a reference. */
  title?(input: In): string
  /** Items that are passed on in bulk, as the bytes that they came in. */
  bulk?: true
}

/** One input, one answer. */
export interface Unary<Raw, In, Out> extends MethodOptions<In, Out> {
  kind: 'unary'
  input: z.ZodType<In, Raw>
  output: z.ZodType<Out>
}

/** One input, many items. */
export interface Stream<Raw, In, Item> extends MethodOptions<In> {
  kind: 'stream'
  input: z.ZodType<In, Raw>
  item: z.ZodType<Item>
}

/** One input, then bytes and messages both ways. */
export interface Duplex<Raw, In, Up, Down> extends MethodOptions<In> {
  kind: 'duplex'
  input: z.ZodType<In, Raw>
  up: z.ZodType<Up>
  down: z.ZodType<Down>
}

/** One input and a body of bytes, one answer. */
export interface Upload<Raw, In, Out> extends MethodOptions<In, Out> {
  kind: 'upload'
  input: z.ZodType<In, Raw>
  output: z.ZodType<Out>
}

/** One input, a body of bytes back. */
export interface Download<Raw, In> extends MethodOptions<In> {
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

/** An entry of a table, together with the facts that its options state. */
export function unary<Raw, In, Out, const Facts extends MethodOptions<In, Out>>(
  input: z.ZodType<In, Raw>,
  output: z.ZodType<Out>,
  options: Facts,
): Unary<Raw, In, Out> & Facts {
  return { kind: 'unary', input, output, ...options }
}

export function stream<Raw, In, Item, const Facts extends MethodOptions<In>>(
  input: z.ZodType<In, Raw>,
  item: z.ZodType<Item>,
  options: Facts,
): Stream<Raw, In, Item> & Facts {
  return { kind: 'stream', input, item, ...options }
}

export function duplex<Raw, In, Up, Down>(
  input: z.ZodType<In, Raw>,
  messages: { up: z.ZodType<Up>; down: z.ZodType<Down> },
  options: MethodOptions<In>,
): Duplex<Raw, In, Up, Down> {
  return { kind: 'duplex', input, ...messages, ...options }
}

export function upload<Raw, In, Out, const Facts extends MethodOptions<In, Out>>(
  input: z.ZodType<In, Raw>,
  output: z.ZodType<Out>,
  options: Facts,
): Upload<Raw, In, Out> & Facts {
  return { kind: 'upload', input, output, ...options }
}

export function download<Raw, In, const Facts extends MethodOptions<In>>(
  input: z.ZodType<In, Raw>,
  options: Facts,
): Download<Raw, In> & Facts {
  return { kind: 'download', input, ...options }
}
