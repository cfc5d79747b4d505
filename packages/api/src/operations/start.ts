import type { NewStep, OperationRow, OrganisationScope } from '@flotilla/db'
import { errorTable, fail } from '@flotilla/protocol'
import { setTimeout as sleep } from 'node:timers/promises'
import type { App } from '../app.ts'
import type { ActorContext } from '../context.ts'
import { childId } from './child-id.ts'
import type { AnyOperation, OperationDefinition, PlannedStep } from './define.ts'
import { fingerprintOf } from './fingerprint.ts'
import { OperationRun } from './operation-run.ts'

const pollMs = 500

/**
 * Starts an operation under its caller's id, or joins the one that there is: the same id for something else is CONFLICT. What
 * its plan throws is thrown and nothing is written down. One that failed for what may have passed since goes on where it was.
 */
export async function startOperation<Input>(
  ctx: ActorContext,
  definition: OperationDefinition<Input>,
  input: Input,
  id: string,
): Promise<void> {
  const { db, operations } = ctx.app
  if (!operations.isOpen) throw fail('operation.tryAgainSoon')
  const fingerprint = fingerprintOf(definition, operations.sealer, ctx.actor.userId, input)
  const known = await db.operations.find(ctx.actor, id)
  if (known !== null) return join(ctx, definition, known, { input, fingerprint })
  const { target, steps } = definition.plan(ctx, input)
  const planned = steps.map((step) => newStep(id, step))
  const hostId = theOne(steps.map((step) => step.hostId))
  const operation = {
    ...{
      id,
      kind: definition.kind,
      method: definition.method(input),
      target: target.slice(0, 300),
      hostId,
      fingerprint,
    },
    hostName: hostId === null ? null : (steps[0]?.hostName ?? null),
    engine: theOne(steps.map(({ engine }) => engine)),
    ...{ actorId: ctx.actor.userId, actorName: ctx.actor.name, remoteAddress: ctx.remoteAddress },
    sealed: sealed(ctx.app, definition, id, input),
  }
  if (!(await db.operations.create(ctx.actor, operation, planned, operations.lease))) {
    return startOperation(ctx, definition, input, id)
  }
  operations.failurePoint('operation.recorded')
  const row = await db.operations.find(ctx.actor, id)
  if (row !== null) runOperation(ctx.app, definition, row, input, false)
}

/** Carries it out here from now on. */
export function runOperation(
  app: App,
  definition: AnyOperation,
  row: OperationRow,
  input: unknown,
  resumed: boolean,
): void {
  if (app.operations.find(row, row.id) !== undefined) return
  app.operations.add(new OperationRun(app, definition, row, input, resumed))
}

/** The operation when it has ended, also where another control plane carries it out. */
export async function endedOperation(app: App, scope: OrganisationScope, id: string): Promise<OperationRow> {
  for (;;) {
    const run = app.operations.find(scope, id)
    await run?.ended
    if (run !== undefined && run.row.state !== 'running') return run.row
    const row = await app.db.operations.find(scope, id)
    if (row === null) throw fail('operation.notFound')
    if (row.state !== 'running') return row
    if (!app.operations.isOpen) throw fail('operation.tryAgainSoon')
    await sleep(pollMs)
  }
}

async function join(
  { app }: ActorContext,
  definition: AnyOperation,
  known: OperationRow,
  { input, fingerprint }: { input: unknown; fingerprint: string },
): Promise<void> {
  if (known.kind !== definition.kind || known.fingerprint !== fingerprint) {
    throw fail('operation.idTaken')
  }
  if (known.state !== 'failed' || known.error === null || !errorTable[known.error.code].retry) return
  const { db, operations } = app
  const row = await db.operations.reopen(known, known.id, sealed(app, definition, known.id, input), operations.lease)
  if (row !== null) runOperation(app, definition, row, input, true)
}

function sealed(app: App, definition: AnyOperation, id: string, input: unknown): Uint8Array<ArrayBuffer> {
  return app.operations.sealer.seal(id, definition.keep?.(input) ?? input)
}

function newStep(id: string, { error, ...step }: PlannedStep): NewStep {
  return {
    ...step,
    target: step.target.slice(0, 300),
    childId: childId(id, step.key),
    state: error === undefined ? 'waiting' : 'failed',
    error: error === undefined ? null : error.reported(),
  }
}

function theOne(values: readonly (string | null)[]): string | null {
  const [first = null] = values
  return values.every((value) => value === first) ? first : null
}
