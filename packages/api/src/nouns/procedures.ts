import {
  type AnyNoun,
  type ListInput,
  type ListQuery,
  type Method,
  type Noun,
  OperationId,
  type Rest,
  type Target,
  listQuery,
  page,
} from '@flotilla/protocol'
import type { TRPCMutationProcedure, TRPCQueryProcedure } from '@trpc/server'
import { z } from 'zod'
import type { Access } from '../access.ts'
import type { Page } from '../fleet/page.ts'
import type { FleetRowOf } from '../fleet/views.ts'
import { type ProcedureMeta, procedure } from '../trpc.ts'
import { inspectPlatform, serve } from './platform-service.ts'
import { inspectRow, listRows, passOn } from './service.ts'

type Query<Input, Output> = TRPCQueryProcedure<{ meta: ProcedureMeta; input: Input; output: Output }>
type Mutation<Input, Output> = TRPCMutationProcedure<{ meta: ProcedureMeta; input: Input; output: Output }>

/** What the caller of a passed-on method sends beside its own input. */
type Beside<N extends AnyNoun, M> = (N['held'] extends 'platform'
  ? unknown
  : M extends { target: Target }
    ? unknown
    : { hostId: string; engine?: string | undefined }) &
  (M extends { change: true } ? { operationId?: string | undefined } : unknown)
/** What callers send: an empty input takes nothing away from what stands beside it. */
type Sent<N extends AnyNoun, Raw, M> = [Raw] extends [Record<string, never>] ? Beside<N, M> : Raw & Beside<N, M>
type Answer<N extends AnyNoun, M, Out> = M extends { answers: 'row' }
  ? FleetRowOf<N>
  : M extends { answers: 'gone' }
    ? { id: string }
    : Out
type Passed<N extends AnyNoun, M> = M extends {
  kind: 'unary'
  input: z.ZodType<infer _In, infer Raw>
  output: z.ZodType<infer Out>
}
  ? M extends { change: true }
    ? Mutation<Sent<N, Raw, M>, Answer<N, M, Out>>
    : Query<Sent<N, Raw, M>, Answer<N, M, Out>>
  : never
type DetailOf<N> =
  N extends Noun<infer Kind, infer _R, infer Detail, infer _F, infer _H, infer _M, infer _V, infer _P>
    ? Omit<Detail, Kind>
    : never

/** The procedures of a noun: its list, one of it, and every method that states its place in REST. */
export type NounProcedures<N extends AnyNoun> = {
  [Verb in keyof N['methods'] as N['methods'][Verb] extends { kind: 'unary'; rest: Rest } ? Verb : never]: Passed<
    N,
    N['methods'][Verb]
  >
} & (N['methods'] extends { inspect: unknown }
  ? {
      list: Query<ListInput<N>, Page<FleetRowOf<N>>>
      inspect: Query<{ id: string }, FleetRowOf<N> & { detail: DetailOf<N> | null }>
    }
  : unknown)

/** Makes the procedures of a noun, with their REST routes and their place in the OpenAPI document. */
export function nounProcedures<N extends AnyNoun>(noun: N): NounProcedures<N> {
  const made: Record<string, unknown> = {}
  for (const [verb, method] of Object.entries(noun.methods as Record<string, Method>)) {
    if (method.rest !== undefined && method.kind === 'unary') made[verb] = passedOn(noun, verb, method, method.rest)
  }
  // What is only asked for has no list in the index and nothing to inspect there.
  if (noun.held === 'asked') return made as unknown as NounProcedures<N>
  const isPlatform = noun.held === 'platform'
  const read = noun.methods['list']?.permission as Exclude<Access, 'public'>
  const path = `/${noun.plural}` as const
  made['list'] = procedure(read, {
    method: 'GET',
    path,
    summary: isPlatform ? `List ${noun.plural}` : `List ${noun.plural} of all hosts`,
  })
    .input(listQuery(noun))
    .output(page(noun.fleet))
    .query(({ ctx, input }) => listRows(ctx, noun, input as ListQuery))
  made['inspect'] = procedure(read, noun.methods['inspect']?.rest ?? null)
    .input(z.object({ id: z.string().min(1).max(1000) }))
    .output(noun.inspected)
    .query(({ ctx, input }) => (isPlatform ? inspectPlatform : inspectRow)(ctx, noun, input.id) as never)
  return made as unknown as NounProcedures<N>
}

const engineId = z.string().max(31).optional().describe('Left out: the first engine of the host that is ready')

/** The input of a method as its callers send it: where it goes, where nothing else says that, and their own id of it. */
function passedInput(noun: AnyNoun, method: Method): z.ZodObject {
  if (!(method.input instanceof z.ZodObject)) throw new Error('The input of a method in REST is an object.')
  return method.input.extend({
    ...(method.target === undefined && noun.held !== 'platform'
      ? { hostId: z.string().min(1).max(128), engine: engineId }
      : {}),
    ...(method.change === true ? { operationId: OperationId.optional() } : {}),
  })
}

function passedOn(noun: AnyNoun, verb: string, method: Method & { kind: 'unary' }, rest: Rest): unknown {
  const output: z.ZodType =
    method.answers === 'row' ? noun.fleet : method.answers === 'gone' ? z.object({ id: z.string() }) : method.output
  const declared = procedure(method.permission as Exclude<Access, 'public'>, rest, subjectOf(method))
    .input(passedInput(noun, method))
    .output(output)
  const run = ({ ctx, input }: { ctx: Parameters<typeof passOn>[0]; input: Record<string, unknown> }) =>
    noun.held === 'platform' ? serve(ctx, noun, verb, input) : passOn(ctx, noun, verb, input)
  return method.change === true ? declared.mutation(run) : declared.query(run)
}

/** What the audit writes of what a call is about: what it names, and what it calls it. */
export function subjectOf(method: Method): (input: unknown) => string {
  return (input) => {
    const named = method.target === undefined ? undefined : (input as Record<string, unknown>)[method.target.field]
    const words = [named, method.title?.(input)].filter((word) => typeof word === 'string' && word !== '')
    return [...new Set(words)].join(' ')
  }
}
