import type { FleetOperation, LogBatch, LogsInput, Stats } from '@flotilla/protocol'
import type { z } from 'zod'
import { scopeOf } from '@flotilla/auth'
import type { ActorContext } from '../context.ts'
import { findContainer } from '../fleet/lookup.ts'

/** Where a container is reached: its host's handle, its engine, and its id there. */
function placeOf(ctx: ActorContext, ref: string) {
  const { host, row } = findContainer(ctx.app.index, ctx.actor, ref)
  return { host: ctx.app.gateway.for(host.id), engine: row.value.engine, id: row.value.id }
}

/** Throws at once where the container is not there or its host is away; the stream begins when it is first read. */
export function containerLogs(
  ctx: ActorContext,
  input: z.output<typeof LogsInput>,
  signal: AbortSignal,
): AsyncIterable<LogBatch> {
  const { host, engine, id } = placeOf(ctx, input.id)
  return host.engine(engine).containers.logs({ ...input, id }, { scope: scopeOf(ctx.actor), signal })
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
  const { host, engine, id } = placeOf(ctx, input.id)
  return host.passage(engine).containers.logs({ ...input, id }, { scope: scopeOf(ctx.actor), signal })
}

export function containerStats(
  ctx: ActorContext,
  input: { id: string; intervalMs: number },
  signal: AbortSignal,
): AsyncIterable<Stats> {
  const { host, engine, id } = placeOf(ctx, input.id)
  return host.engine(engine).containers.stats({ ...input, id }, { scope: scopeOf(ctx.actor), signal })
}

export async function* operationProgress(
  ctx: ActorContext,
  input: { hostId: string; id: string },
  signal: AbortSignal,
): AsyncGenerator<FleetOperation> {
  const host = ctx.app.index.resolveHost(ctx.actor, input.hostId)
  const { agent } = ctx.app.gateway.for(host.id)
  for await (const operation of agent.operations.watch({ id: input.id }, { scope: scopeOf(ctx.actor), signal })) {
    const actor = operation.actor === ctx.actor.userId ? ctx.actor.name : operation.actor
    yield { ...operation, actor, hostId: host.id, hostName: host.name }
  }
}
