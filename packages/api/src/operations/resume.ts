import type { OperationRow } from '@flotilla/db'
import { toFlotillaError } from '@flotilla/protocol'
import type { App } from '../app.ts'
import { acknowledge } from './child.ts'
import { definitions } from './definitions.ts'
import { leaseMs } from './runs.ts'
import { runOperation } from './start.ts'
import { isEnded } from './view.ts'

const renewMs = leaseMs / 3
const retainedOperations = 2000

/**
 * Goes on with what an earlier control plane of this name left in the middle, and from then on with what any other leaves, and
 * keeps the leases of what runs here. Answers how to end that; what runs is then left as it stands.
 */
export async function beginOperations(app: App): Promise<() => Promise<void>> {
  const { db, log, operations } = app
  await takeOver(app, true)
  let round: Promise<void> = Promise.resolve()
  const look = async () => {
    await renew(app)
    await takeOver(app, false)
    for (const steps of await db.operations.listAwaited()) await acknowledge(app, steps)
    await db.operations.prune(retainedOperations)
  }
  const timer = setInterval(() => {
    round = round.then(look).catch((error: unknown) => {
      log.warn({ err: error }, 'the leases of operations could not be looked after')
    })
  }, renewMs)
  return async () => {
    clearInterval(timer)
    await round
    await operations.close()
  }
}

/** Holds what runs here; lets go of what another took over meanwhile, and hears of what was cancelled at another. */
async function renew({ db, operations }: App): Promise<void> {
  const running = operations.all()
  const ids = running.map(({ row }) => row.id)
  const held = await db.operations.renew(operations.lease, ids)
  for (const run of running) {
    const found = held.find(({ organisationId, id }) => organisationId === run.row.organisationId && id === run.row.id)
    if (found === undefined) run.stop()
    else if (found.cancelRequested && !run.row.cancelRequested) run.cancel()
  }
}

async function takeOver(app: App, own: boolean): Promise<void> {
  const { db, operations } = app
  const rows = await db.operations.takeOver(operations.lease, own)
  for (const row of rows) {
    if (operations.find(row, row.id) !== undefined) continue
    operations.failurePoint('operation.taken-over')
    await resume(app, row)
  }
}

async function resume(app: App, row: OperationRow): Promise<void> {
  const definition = definitions.find(({ kind }) => kind === row.kind)
  try {
    if (definition === undefined) throw new Error(`no operation is called ${row.kind}`)
    const input = definition.input.parse(app.operations.sealer.open(row.id, row.sealed ?? new Uint8Array()))
    app.log.info({ operationId: row.id, kind: row.kind }, 'an operation goes on where it was left')
    runOperation(app, definition, row, input, true)
  } catch (thrown) {
    await giveUp(app, row, thrown)
  }
}

/** Nobody can go on with it: its key is lost, or a newer version made it. */
async function giveUp(app: App, row: OperationRow, thrown: unknown): Promise<void> {
  app.log.error({ err: thrown, operationId: row.id }, 'an operation cannot be gone on with')
  const held = { organisationId: row.organisationId, id: row.id, holder: app.operations.lease.holder }
  const error = toFlotillaError(thrown).reported()
  for (const step of row.steps) {
    if (!isEnded(step)) await app.db.operations.endStep(held, step.position, { ...step, state: 'failed', error }, null)
  }
  await app.db.operations.end(held, { state: 'failed', error }, null)
}
