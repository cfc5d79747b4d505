import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { OperationRow } from '@flotilla/db'
import { type FleetOperation, fail } from '@flotilla/protocol'
import type { z } from 'zod'
import { requireAccess, requireAll } from '../access.ts'
import type { ActorContext } from '../context.ts'
import { objectOf } from './actor-of.ts'
import { type BulkInput, bulk, bulkPermission } from './bulk.ts'
import { permissionsOf } from './definitions.ts'
import { errorSight } from '../nouns/seen-objects.ts'
import { readerOf } from '../nouns/sight.ts'
import type { Run } from './runs.ts'
import { seesOperation } from './sight.ts'
import { endedOperation, startOperation } from './start.ts'
import { detailOf, isEnded, summaryOf } from './view.ts'

const progressEveryMs = 100
const elsewhereEveryMs = 1000
const listed = 500

/** Begins it, or joins it under its id, and answers with it as it is then. */
export async function startBulk(
  ctx: ActorContext,
  { operationId, ...input }: z.output<typeof BulkInput> & { operationId?: string | undefined },
): Promise<FleetOperation> {
  requireAccess(ctx.app.policy, ctx.actor, bulkPermission(input))
  const id = operationId ?? ctx.operationId ?? randomUUID()
  await startOperation(ctx, bulk, { ...input, withCredentials: false }, id)
  return inspectPlatformOperation(ctx, id)
}

/** Newest first, without their items. */
export async function listPlatformOperations(ctx: ActorContext, hostId: string | undefined): Promise<FleetOperation[]> {
  const rows = await ctx.app.db.operations.list(ctx.actor, { limit: listed, hostId })
  return rows.map((row) => ctx.app.operations.find(ctx.actor, row.id)?.summary() ?? summaryOf(row, row.counts))
}

/** Null where the organisation has none of this id or, where a host is named, it is not on that host alone. */
export async function findPlatformOperation(
  ctx: ActorContext,
  id: string,
  hostId?: string,
): Promise<FleetOperation | null> {
  const run = ctx.app.operations.find(ctx.actor, id)
  const row = run === undefined ? await ctx.app.db.operations.find(ctx.actor, id) : null
  const found = run?.detail(errorSight(ctx)) ?? (row === null ? null : detailOf(row, errorSight(ctx)))
  if (found === null || !seesOperation(ctx.app, ctx.actor, readerOf(ctx), found)) return null
  return hostId !== undefined && found.hostId !== hostId ? null : found
}

export async function inspectPlatformOperation(ctx: ActorContext, id: string): Promise<FleetOperation> {
  const found = await findPlatformOperation(ctx, id)
  if (found === null) throw fail('operation.notFound')
  return found
}

/** Answers when it has ended. Who started it may, and who may do the same to each of its targets that are left. */
export async function cancelPlatformOperation(ctx: ActorContext, id: string): Promise<FleetOperation> {
  const { app, actor } = ctx
  const row = await app.db.operations.find(actor, id)
  if (row === null || (await findPlatformOperation(ctx, id)) === null) throw fail('operation.notFound')
  if (row.state === 'running' && row.actorId !== actor.userId) requireSame(ctx, row)
  if (await app.db.operations.requestCancel(actor, id)) {
    app.operations.failurePoint('operation.cancel-requested')
    app.operations.find(actor, id)?.cancel()
  }
  return detailOf(await endedOperation(app, actor, id), errorSight(ctx))
}

/** Of what nobody here knows what it takes, who may do all may do it. */
function requireSame({ app, actor }: ActorContext, row: OperationRow): void {
  const permissions = permissionsOf(row, app.operations.sealer)
  if (permissions === null) return requireAll(app.policy, actor, app.index.nouns.permissions)
  const left = row.steps.filter((step) => !isEnded(step))
  for (const step of left.length === 0 ? row.steps : left) {
    for (const permission of permissions) requireAccess(app.policy, actor, permission, objectOf(app, step))
  }
}

/** The operation with its items now, then at each change, until it has ended. Slow readers get fewer, not more. */
export async function* watchPlatformOperation(
  ctx: ActorContext,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<FleetOperation> {
  for (;;) {
    const run = ctx.app.operations.find(ctx.actor, id)
    if (run !== undefined) yield* watchRun(ctx, run, signal)
    const now = await inspectPlatformOperation(ctx, id)
    yield now
    if (now.state !== 'running' || signal.aborted) return
    await sleep(elsewhereEveryMs, undefined, { signal }).catch(() => undefined) // the reader went, as the next line finds
    if (signal.aborted) return
  }
}

async function* watchRun(ctx: ActorContext, run: Run, signal: AbortSignal): AsyncGenerator<FleetOperation> {
  let isOver = false
  let wake = () => {}
  let isDirty = true
  const notice = () => {
    isDirty = true
    wake()
  }
  const over = () => {
    isOver = true
    wake()
  }
  const stopListening = run.onChange(notice)
  void run.ended.then(over)
  signal.addEventListener('abort', over, { once: true })
  try {
    while (!isOver) {
      if (!isDirty) await new Promise<void>((resolve) => (wake = resolve))
      if (isOver) return
      isDirty = false
      const now = run.detail(errorSight(ctx))
      if (!seesOperation(ctx.app, ctx.actor, readerOf(ctx), now)) throw fail('operation.notFound')
      yield now
      await sleep(progressEveryMs)
    }
  } finally {
    stopListening()
    signal.removeEventListener('abort', over)
  }
}
