import { endless } from '@flotilla/async'
import { because, toFlotillaError } from '@flotilla/protocol'
import { isForOwner, startBesideOwner } from './beside-owner.ts'
import { type Context, emit, type PlannedRestarts } from './context.ts'
import type { ContainerRecord } from './record.ts'
import { planRestart, restartDelay } from './restart-policy.ts'

/** Starts of a container for its new network that may fail one after the other, each after a longer wait. */
const mostRenewals = 10
/** What goes on with an owner is waited for no longer: a person's stop of the sharer waits as long. */
const patienceMs = 1000

/** The timers of pending restarts. When one is due is in the container's record, so that the next agent goes on with it. */
export class Restarts implements PlannedRestarts {
  readonly #timers = new Map<string, NodeJS.Timeout>()
  readonly #closing = endless()
  #context: Context | undefined

  open(context: Context): void {
    this.#context = context
  }

  arm(record: ContainerRecord): void {
    this.disarm(record.id)
    const context = this.#context
    const delayMs = restartDelay(record)
    if (delayMs === undefined || context === undefined || this.#closing.signal.aborted) return
    const timer = setTimeout(() => {
      this.#timers.delete(record.id)
      this.#restart(context, record.id).catch((error: unknown) => {
        if (!this.#closing.signal.aborted) context.log.warn({ err: error, id: record.id }, 'a restart failed')
      })
    }, delayMs)
    timer.unref()
    this.#timers.set(record.id, timer)
  }

  disarm(id: string): void {
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
  }

  close(): void {
    this.#closing.abort()
    for (const id of [...this.#timers.keys()]) this.disarm(id)
  }

  async #restart(context: Context, id: string): Promise<void> {
    const { signal } = this.#closing
    await context.locks.run(id, signal, async () => {
      const record = context.store.get(id)
      if (record?.phase !== 'exited' || record.restartAt === null) return
      // What its owner's new start takes is no restart of its policy.
      const restartCount = record.renewing ? 0 : record.restartCount + 1
      const { restartStreak } = record
      let started: ContainerRecord
      try {
        const changes = { restartCount, restartStreak, stoppedByUser: false }
        started = await startBesideOwner(context, record, changes, signal, patienceMs)
      } catch (error) {
        if (signal.aborted) throw error
        const at = new Date().toISOString()
        const { message } = toFlotillaError(error)
        // Waiting for the one whose network it shares is no failure of its own, of which its policy may take so many.
        const isWaiting = isForOwner(error)
        const count = isWaiting ? record.restartCount : restartCount
        // What the engine stopped it starts again, also where its policy would not: some two minutes long.
        const renewing = record.renewing && (isWaiting || restartStreak < mostRenewals)
        const failed = { ...record, renewing, restartCount: count, startedAt: at }
        const next = planRestart(failed, { exitCode: null, at })
        const exitReason = because('container.notStartedAgain', { message })
        this.arm(await context.store.note(id, { ...next, renewing, restartCount: count, exitReason }))
        throw error
      }
      if (record.renewing) await tellOfRenewal(context, started)
    })
  }
}

/** Who is never to be restarted by its policy was so all the same: that stands in its row while it runs. */
async function tellOfRenewal(context: Context, started: ContainerRecord): Promise<void> {
  const renewed =
    started.spec.restart.policy === 'no'
      ? await context.store.note(started.id, { exitReason: because('container.renewed') })
      : started
  emit(context, 'restart', renewed)
}
