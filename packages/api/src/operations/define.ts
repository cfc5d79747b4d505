import type { StepRow } from '@flotilla/db'
import type { CallOptions, FlotillaError, Scope } from '@flotilla/protocol'
import type { z } from 'zod'
import type { App } from '../app.ts'
import type { ActorContext } from '../context.ts'

/** One change of one host, as it is known before anything is written down. */
export interface PlannedStep {
  /** What it is within its operation; the id of the host's change is derived from it. */
  readonly key: string
  readonly hostId: string | null
  readonly hostName: string | null
  readonly engine: string | null
  /** The engine's own id of the object that it is about, where there is one. */
  readonly nativeId: string | null
  /** For the person. */
  readonly target: string
  /** Why it cannot be done: it is told as failed and never begun. */
  readonly error?: FlotillaError
}

/** What a step is carried out with. */
export interface StepCall<Input> {
  /** With the actor as they are now. */
  readonly ctx: ActorContext
  readonly step: Readonly<StepRow>
  readonly input: Input
  /** Of this control plane: aborted where it goes and another is to go on. */
  readonly signal: AbortSignal
  /** For the host's change: its derived id, and the permissions and the object that travel with it. */
  optionsFor(permissions: readonly string[], object?: Scope['object']): CallOptions & { operationId: string }
  readonly operationId: string
  /** What an earlier step of the same operation answered; undefined where it has not succeeded. */
  outcomeOf(key: string): unknown
  /** Whether the host has the change under this id, running or ended: asking for it again makes nothing new. */
  isKnown(): Promise<boolean>
}

/**
 * One kind of operation as a value. A step may be carried out again after a crash, in another process: it asks its host under
 * the id in its call's options, so that the host gives the same outcome.
 */
export interface OperationDefinition<Input> {
  /** Its name in the database; never changes. */
  readonly kind: string
  /** What is sealed with it. Fields that a later version adds have defaults. */
  readonly input: z.ZodType<Input>
  /** `sequence`: each step after the one before has succeeded. `independent`: all at once, as far as there is room. */
  readonly order: 'sequence' | 'independent'
  /** Most steps of this kind that run on one host at once. */
  readonly perHost: number
  /** What it is to the person, by the name of a method. */
  method(input: Input): string
  /** What its actor needs, at the call and again whenever a step begins. */
  permissions(input: Input): readonly string[]
  /** Throws what keeps the whole from beginning; then nothing is written down. */
  plan(ctx: ActorContext, input: Input): { target: string; steps: readonly PlannedStep[] }
  /** The input as it may be kept, without what is kept nowhere. */
  keep?(input: Input): Input
  /** Of independent steps: those of them that are to have ended, however, before this one begins. */
  after?(app: App, step: Readonly<StepRow>, steps: readonly StepRow[], input: Input): readonly StepRow[]
  run(call: StepCall<Input>): Promise<unknown>
  /** After a step failed or was cancelled: takes back what the ones before it left. Idempotent; does not throw. */
  undo?(call: StepCall<Input>): Promise<void>
  /** Whether cancelling ends what runs on its host; else it comes to its own end and only the others are cancelled. */
  breaksOff(input: Input): boolean
  /** Whether a step is long enough for its progress to be told. */
  isLong(step: Readonly<StepRow>, input: Input): boolean
}

/** Checks the value's parts against each other; the input's type is inferred from its shape. */
export function defineOperation<Input>(definition: OperationDefinition<Input>): OperationDefinition<Input> {
  return definition
}

/** Any of them, where the input's type is not known. */
export type AnyOperation = OperationDefinition<unknown>
