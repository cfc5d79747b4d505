import { setMaxListeners } from 'node:events'
import type { NewAuditEntry, OperationRow, StepRow, StepState } from '@flotilla/db'
import { type ErrorInfo, type FleetOperation, type FlotillaError, fail, toFlotillaError } from '@flotilla/protocol'
import { scopeFor } from '@flotilla/auth'
import type { App } from '../app.ts'
import type { ActorContext } from '../context.ts'
import { changeTimeoutMs } from '../fleet/call-options.ts'
import { actorOf } from './actor-of.ts'
import { auditOf, auditOfStep } from './audit-of.ts'
import { cancelChild, childNow, linkEnded, whenReachable } from './child.ts'
import type { AnyOperation, StepCall } from './define.ts'
import { endOf } from './end-of.ts'
import type { ErrorSight, Run } from './runs.ts'
import { countsOf, detailOf, isEnded, summaryOf } from './view.ts'
import { followOperation } from './watch.ts'

/** How long a host is waited for whose link ended in the middle, and at a resume, before its step counts as failed. */
const hostBackMs = 60_000
const mostTries = 4

interface StepEnd {
  state: StepState
  outcome?: unknown
  error: ErrorInfo | null
}

/** Carries one operation to its end, from wherever its row says that it is. */
export class OperationRun implements Run {
  readonly row: OperationRow
  readonly ended: Promise<void>
  readonly #app: App
  readonly #definition: AnyOperation
  readonly #input: unknown
  readonly #resumed: boolean
  /** This control plane goes, or has lost the lease: nothing is written any more. */
  readonly #stop = new AbortController()
  /** Cancelled: what waits for its turn does not begin. */
  readonly #cancel = new AbortController()
  readonly #listeners = new Set<() => void>()

  constructor(app: App, definition: AnyOperation, row: OperationRow, input: unknown, resumed: boolean) {
    setMaxListeners(0, this.#stop.signal, this.#cancel.signal) // as many may wait for them as there are steps
    this.#app = app
    this.#definition = definition
    this.#input = input
    this.#resumed = resumed
    this.row = row
    if (row.cancelRequested) this.#cancel.abort(cancelled())
    this.ended = this.#carryOut().catch((error: unknown) => {
      if (!this.#stop.signal.aborted)
        app.log.error({ err: error, operationId: row.id }, 'an operation stopped and is taken up again')
    })
  }

  detail(seen: ErrorSight): FleetOperation {
    return detailOf(this.row, seen)
  }

  summary(): FleetOperation {
    return summaryOf(this.row, countsOf(this.row.steps))
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  cancel(): void {
    this.row.cancelRequested = true
    this.#cancel.abort(cancelled())
    if (!this.#definition.breaksOff(this.#input)) return
    for (const step of this.row.steps) {
      const { hostId } = step
      if (step.state !== 'running' || hostId === null) continue
      const isRunning = () => step.state === 'running' && !this.#stop.signal.aborted
      void cancelChild(this.#app, { hostId, id: step.childId }, isRunning)
    }
  }

  stop(): void {
    this.#stop.abort(fail('operation.platformStopping'))
    this.#changed()
  }

  async #carryOut(): Promise<void> {
    const { order } = this.#definition
    if (order === 'sequence') for (const step of this.row.steps) await this.#inOrder(step)
    else await this.#sideBySide()
    this.#reach('operation.steps-ended')
    const end = endOf(this.row, order)
    const audit = order === 'sequence' ? auditOf(this.row, end) : null
    this.row.finishedAt = await this.#app.db.operations.end(this.#held, end, audit)
    Object.assign(this.row, { ...end, sealed: null })
    this.#changed()
    this.#reach('operation.ended')
  }

  /** Independent steps, each after those that it waits for; where these wait for each other, one goes first. */
  #sideBySide(): Promise<void> {
    const { steps } = this.row
    const begun = new Map<StepRow, Promise<void>>()
    const begin = (step: StepRow): Promise<void> => {
      const known = begun.get(step)
      if (known !== undefined) return known
      begun.set(step, Promise.resolve())
      const first = this.#definition.after?.(this.#app, step, steps, this.#input) ?? []
      const carried = Promise.allSettled(first.map(begin)).then(() => this.#step(step))
      begun.set(step, carried)
      return carried
    }
    return settled(steps.map(begin))
  }

  /** A step of a sequence: nothing where the one before it did not succeed. */
  async #inOrder(step: StepRow): Promise<void> {
    const before = this.row.steps[step.position - 1]
    if (isEnded(step)) return
    if (before !== undefined && before.state !== 'succeeded') {
      const state = before.state === 'cancelled' ? 'cancelled' : 'not-started'
      return this.#endStep(step, { state, error: null }, null)
    }
    return this.#step(step)
  }

  async #step(step: StepRow): Promise<void> {
    if (isEnded(step)) return
    const { kind, perHost } = this.#definition
    // What an earlier control plane began may be going on at its host, so that it is looked after until its end.
    const signal =
      step.state === 'running' ? this.#stop.signal : AbortSignal.any([this.#stop.signal, this.#cancel.signal])
    let begun = false
    const carryOut = () => {
      begun = true
      return this.#carryOutStep(step)
    }
    try {
      await this.#app.operations.turns.run(`${kind} ${step.hostId}`, perHost, signal, carryOut)
    } catch (error) {
      if (begun || this.#stop.signal.aborted) throw error
      await this.#giveUp(step)
    }
  }

  /** It was cancelled before it began. In a sequence what came before it is taken back. */
  async #giveUp(step: StepRow): Promise<void> {
    const ctx = await this.#context(step).catch(() => null)
    if (ctx !== null && this.#definition.undo !== undefined) {
      await this.#definition.undo(this.#callOf(ctx, step))
      this.#reach('step.undone')
    }
    await this.#endStep(step, { state: 'cancelled', error: null }, null)
  }

  async #carryOutStep(step: StepRow): Promise<void> {
    const wasBegun = step.state === 'running'
    const ctx = await this.#context(step).catch((error: unknown) => this.#failed(error))
    if (!('app' in ctx)) return this.#endStep(step, ctx, auditOfStep(this.#definition, this.row, step, ctx))
    if (wasBegun) await this.#whenBack(step)
    // Of a host that is away nobody knows; asking it says so.
    const mayRun = !wasBegun || !this.row.cancelRequested || (await this.#isKnown(step).catch(() => true))
    if (!mayRun) return this.#giveUp(step)
    await this.#app.db.operations.beginStep(this.#held, step.position)
    step.state = 'running'
    step.attempts += 1
    this.#changed()
    this.#reach('step.begun')
    if (this.row.cancelRequested) this.cancel()
    const end = await this.#ask(this.#callOf(ctx, step), step).then(
      (outcome): StepEnd => ({ state: 'succeeded', outcome, error: null }),
      (error: unknown) => this.#failed(error),
    )
    this.#reach('step.answered')
    await this.#endStep(step, end, auditOfStep(this.#definition, this.row, step, end))
  }

  /** Asks the host, again where the link ended in between: under the same id that joins what goes on there. */
  async #ask(call: StepCall<unknown>, step: StepRow): Promise<unknown> {
    const { gateway } = this.#app
    if (this.#resumed) await this.#whenBack(step)
    const progress = this.#follow(call.ctx, step)
    try {
      for (let tried = 1; ; tried += 1) {
        const link = gateway.linkOf(step.hostId ?? '')
        try {
          return await this.#definition.run(call)
        } catch (thrown) {
          const isCut = toFlotillaError(thrown).code === 'UNAVAILABLE' && link !== undefined && (await linkEnded(link))
          if (this.#stop.signal.aborted) throw thrown
          if (isCut && tried < mostTries) {
            await this.#whenBack(step)
            continue
          }
          this.#reach('step.failed')
          await this.#definition.undo?.(call)
          this.#reach('step.undone')
          throw thrown
        }
      }
    } finally {
      progress.stop()
    }
  }

  #follow({ actor }: ActorContext, step: StepRow): { stop(): void } {
    const { hostId, childId } = step
    if (hostId === null || !this.#definition.isLong(step, this.#input)) return { stop: () => {} }
    return followOperation(this.#app, actor, { hostId, id: childId }, ({ progress }) => {
      step.progress = progress
      this.#changed()
    })
  }

  async #endStep(step: StepRow, end: StepEnd, audit: NewAuditEntry | null): Promise<void> {
    const progress = this.#definition.order === 'sequence' ? step.progress : []
    await this.#app.db.operations.endStep(this.#held, step.position, { ...end, progress }, audit)
    Object.assign(step, end)
    this.#changed()
    this.#reach('step.recorded')
  }

  /** What went wrong as the step's end; what is no failure of the step is thrown on. */
  #failed(thrown: unknown): StepEnd {
    if (this.#stop.signal.aborted) throw thrown
    const error = toFlotillaError(thrown)
    if (error.code === 'INTERNAL') this.#app.log.error({ err: error, operationId: this.row.id }, 'a step failed')
    const state = error.code === 'CANCELLED' ? 'cancelled' : 'failed'
    return { state, error: error.reported() }
  }

  #callOf(ctx: ActorContext, step: StepRow): StepCall<unknown> {
    return {
      ctx,
      step,
      input: this.#input,
      operationId: this.row.id,
      signal: this.#stop.signal,
      optionsFor: (permissions, object) => ({
        scope: scopeFor(ctx.actor, permissions, object),
        timeoutMs: changeTimeoutMs,
        operationId: step.childId,
        signal: this.#stop.signal,
      }),
      outcomeOf: (key) => this.row.steps.find((each) => each.key === key && each.state === 'succeeded')?.outcome,
      isKnown: () => this.#isKnown(step),
    }
  }

  /** An operation that was interrupted with its agent would begin anew. */
  async #isKnown({ hostId, childId }: StepRow): Promise<boolean> {
    const now = hostId === null ? null : await childNow(this.#app, { hostId, id: childId })
    return now !== null && now.state !== 'interrupted'
  }

  async #context(step: StepRow): Promise<ActorContext> {
    const actor = await actorOf(this.#app, this.row, step, this.#definition.permissions(this.#input))
    return { app: this.#app, actor, remoteAddress: this.row.remoteAddress }
  }

  get #held() {
    const { organisationId, id } = this.row
    return { organisationId, id, holder: this.#app.operations.lease.holder }
  }

  async #whenBack({ hostId }: StepRow): Promise<void> {
    if (hostId !== null) await whenReachable(this.#app, hostId, hostBackMs, this.#stop.signal)
    this.#stop.signal.throwIfAborted()
  }

  #reach(name: string): void {
    this.#app.operations.failurePoint(name)
  }

  #changed(): void {
    this.#app.index.operation(this.row, this.summary())
    for (const listener of this.#listeners) listener()
  }
}

function cancelled(): FlotillaError {
  return fail('operation.cancelled')
}

/** All to their end, then the first failure. */
async function settled(tasks: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(tasks)
  for (const result of results) if (result.status === 'rejected') throw result.reason
}
