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
import type { Opened, Recheck } from '../opened.ts'
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
): Opened<LogBatch> {
  const { client, row, scope, recheck } = placeOfObject(ctx, { kind: 'container', ref: input.id }, logs)
  return { items: client.containers.logs({ ...input, id: row.value.id }, { scope, signal }), recheck }
}

/**
 * The same lines for who passes them on: each batch as JSON text. The reader has to check what it reads. A log is the one
 * stream whose bulk makes parsing it on the way cost what terminals wait for.
 */
export function containerLogsUnparsed(
  ctx: ActorContext,
  input: z.output<typeof LogsInput>,
  signal: AbortSignal,
): Opened<Uint8Array> {
  const { host, engine, row, scope, recheck } = placeOfObject(ctx, { kind: 'container', ref: input.id }, logs)
  const passage = ctx.app.gateway.for(host.id).passage(engine)
  return { items: passage.containers.logs({ ...input, id: row.value.id }, { scope, signal }), recheck }
}

export function containerStats(
  ctx: ActorContext,
  input: { id: string; intervalMs: number },
  signal: AbortSignal,
): Opened<Stats> {
  const { client, row, scope, recheck } = placeOfObject(ctx, { kind: 'container', ref: input.id }, stats)
  return { items: client.containers.stats({ ...input, id: row.value.id }, { scope, signal }), recheck }
}

interface ProgressInput {
  hostId?: string | null | undefined
  id: string
}

/** An operation of a host or, where none is named or it is the control plane's own, of that: now, then at each change. */
export function operationProgress(
  ctx: ActorContext,
  input: ProgressInput,
  signal: AbortSignal,
): Opened<FleetOperation> {
  // Each state is shown as its reader may see it then.
  const reader = { ...ctx }
  let last: FleetOperation | undefined
  async function* items() {
    for await (last of progressOf(reader, input, signal)) yield last
  }
  const recheck: Recheck = (now) => {
    reader.actor = now.actor
    if (last !== undefined) requireSeen(now, last)
  }
  return { items: items(), recheck }
}

async function* progressOf(
  ctx: ActorContext,
  { hostId = null, id }: ProgressInput,
  signal: AbortSignal,
): AsyncGenerator<FleetOperation> {
  const host = hostId === null ? null : ctx.app.index.resolveHost(readerOf(ctx), hostId)
  if (host === null || (await findPlatformOperation(ctx, id, host.id)) !== null) {
    yield* watchPlatformOperation(ctx, id, signal)
    return
  }
  const { agent } = ctx.app.gateway.for(host.id)
  const scope = scopeFor(ctx.actor, [agentMethods.operations.watch.permission])
  for await (const operation of agent.operations.watch({ id }, { scope, signal })) {
    const actor = operation.actor === ctx.actor.userId ? ctx.actor.name : operation.actor
    const found = operationOfHost(host, operation, actor)
    requireSeen(ctx, found)
    yield found
  }
}

function requireSeen(ctx: ActorContext, operation: FleetOperation): void {
  if (!seesOperation(ctx.app, ctx.actor, readerOf(ctx), operation)) throw fail('operation.notFound')
}
