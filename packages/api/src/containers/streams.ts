import {
  agentMethods,
  containerNoun,
  type FleetOperation,
  fail,
  type LogBatch,
  type LogsInput,
  type Stats,
} from '@flotilla/protocol'
import type { z } from 'zod'
import { scopeFor } from '@flotilla/auth'
import type { ActorContext } from '../context.ts'
import { placeOfObject } from '../nouns/place.ts'
import { readerOf } from '../nouns/sight.ts'
import { operationOfHost } from '../operations/of-host.ts'
import { findPlatformOperation, watchPlatformOperation } from '../operations/platform-service.ts'
import { seesOperation } from '../operations/sight.ts'

const { logs, stats } = containerNoun.methods

/** Throws at once where the container is not there or its host is away; the stream begins when it is first read. */
export function containerLogs(
  ctx: ActorContext,
  input: z.output<typeof LogsInput>,
  signal: AbortSignal,
): AsyncIterable<LogBatch> {
  const { client, row, scope } = placeOfObject(ctx, { kind: 'container', ref: input.id }, logs)
  return client.containers.logs({ ...input, id: row.value.id }, { scope, signal })
}

/**
 * The same lines for who passes them on: each batch as JSON text. The reader has to check what it reads. A log is the one
 * stream whose bulk makes parsing it on the way cost what terminals wait for.
 */
export function containerLogsUnparsed(
  ctx: ActorContext,
  input: z.output<typeof LogsInput>,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const { host, engine, row, scope } = placeOfObject(ctx, { kind: 'container', ref: input.id }, logs)
  const passage = ctx.app.gateway.for(host.id).passage(engine)
  return passage.containers.logs({ ...input, id: row.value.id }, { scope, signal })
}

export function containerStats(
  ctx: ActorContext,
  input: { id: string; intervalMs: number },
  signal: AbortSignal,
): AsyncIterable<Stats> {
  const { client, row, scope } = placeOfObject(ctx, { kind: 'container', ref: input.id }, stats)
  return client.containers.stats({ ...input, id: row.value.id }, { scope, signal })
}

/** An operation of a host or, where none is named or it is the control plane's own, of that: now, then at each change. */
export async function* operationProgress(
  ctx: ActorContext,
  input: { hostId?: string | null | undefined; id: string },
  signal: AbortSignal,
): AsyncGenerator<FleetOperation> {
  const { hostId = null } = input
  const host = hostId === null ? null : ctx.app.index.resolveHost(readerOf(ctx), hostId)
  if (host === null || (await findPlatformOperation(ctx, input.id, host.id)) !== null) {
    yield* watchPlatformOperation(ctx, input.id, signal)
    return
  }
  const { agent } = ctx.app.gateway.for(host.id)
  const scope = scopeFor(ctx.actor, [agentMethods.operations.watch.permission])
  for await (const operation of agent.operations.watch({ id: input.id }, { scope, signal })) {
    const actor = operation.actor === ctx.actor.userId ? ctx.actor.name : operation.actor
    const found = operationOfHost(host, operation, actor)
    if (!seesOperation(ctx.app, ctx.actor, readerOf(ctx), found)) throw fail('operation.notFound')
    yield found
  }
}
