import { createHash, createHmac, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { orAborted } from '@flotilla/async'
import {
  type Call,
  FlotillaError,
  type Operation,
  type Progress,
  fail,
  mapSecrets,
  toFlotillaError,
} from '@flotilla/protocol'
import { OperationId } from '@flotilla/protocol'
import type { z } from 'zod'
import type { OperationJournal } from './journal.ts'
import { answerOf, type HeldObject, retainedOf } from './retained-answer.ts'

/** Most steps of progress kept of one operation. */
const retainedProgress = 300
/** No change of ours takes longer but one that reads a stream; a handler that hangs is cancelled then. */
const longestMs = 2 * 3_600_000
/** Progress goes to watchers at most this often. */
const progressEveryMs = 100

interface Running {
  controller: AbortController
  outcome: Promise<unknown>
}

export interface Change {
  method: string
  engine: string
  target: string
  /** What it is about, where that is there already. */
  object?: Operation['object']
  input: unknown
  /** The input as it was said, without what its shape's defaults add. */
  asked: unknown
  /** Which of its fields are secrets. */
  shape: z.ZodType
  call: Call
  /** It goes on for as long as its caller sends: whoever stops sending ends the stream. */
  readsStream?: boolean
  /** Does the work. Its call's signal is the operation's own: a caller that goes away does not end it. */
  work: (call: Call) => Promise<unknown>
  /** What the work has made, read from its answer. */
  made?: (result: unknown) => Operation['object']
  /** The object that its answer holds as it is now; left out where it holds none. */
  holds?: HeldObject | undefined
}

/** Runs changes under their callers' ids: the same id joins what runs, or gives the outcome that is known already. */
export class Operations {
  readonly #journal: OperationJournal
  #closing = false
  readonly #running = new Map<string, Running>()
  readonly #watchers = new Map<string, Set<() => void>>()

  constructor(journal: OperationJournal) {
    this.#journal = journal
  }

  async run(change: Change): Promise<unknown> {
    const { call } = change
    const id = call.operationId === '' ? randomUUID() : OperationId.parse(call.operationId)
    const fingerprint = fingerprintOf(change, await this.#withDigests(change))
    const known = this.#journal.get(id)
    // Agents before this one took the input with its secrets, or with its defaults too.
    const older = [change.asked, change.input].map((input) => fingerprintOf(change, input))
    if (known !== undefined && ![fingerprint, ...older].includes(known.fingerprint)) {
      throw fail('operation.idTaken')
    }
    const running = this.#running.get(id)
    if (running !== undefined) return orAborted(running.outcome, call.signal)
    if (known?.operation.state === 'succeeded') return answerOf(known, change.holds, call.signal)
    if (known?.operation.state === 'failed' && known.operation.error !== null) {
      throw FlotillaError.fromInfo(known.operation.error)
    }
    return orAborted(this.#start(id, fingerprint, change), call.signal)
  }

  /** What was asked, each secret as a digest under the journal's own key: by what is on the disk nobody can try values. */
  async #withDigests({ shape, asked }: Change): Promise<unknown> {
    let hasSecrets = false
    mapSecrets(shape, asked, () => (hasSecrets = true))
    if (!hasSecrets) return asked
    const key = await this.#journal.secretKey()
    return mapSecrets(shape, asked, (value) => createHmac('sha256', key).update(JSON.stringify(value)).digest('hex'))
  }

  #start(id: string, fingerprint: string, change: Change): Promise<unknown> {
    const controller = new AbortController()
    const operation: Operation = {
      id,
      method: change.method,
      engine: change.engine,
      target: change.target.slice(0, 300),
      object: change.object ?? null,
      actor: change.call.scope.actor,
      state: 'running',
      startedAt: new Date().toISOString(),
      finishedAt: null,
      progress: [],
      error: null,
    }
    const outcome = this.#carryOut(operation, fingerprint, change, controller)
    this.#running.set(id, { controller, outcome })
    outcome.catch(() => {}) // who called hears of it; nobody else has to
    return outcome
  }

  async #carryOut(
    started: Operation,
    fingerprint: string,
    change: Change,
    controller: AbortController,
  ): Promise<unknown> {
    let operation = started
    const tooLong = () => controller.abort(fail('operation.tooLong'))
    const timer = change.readsStream === true ? undefined : setTimeout(tooLong, longestMs)
    const progress = (step: Progress) => {
      operation = { ...operation, progress: withStep(operation.progress, step) }
      this.#journal.update({ operation, fingerprint })
      this.#changed(operation.id)
    }
    try {
      await this.#journal.write({ operation, fingerprint })
      const call = { ...change.call, operationId: started.id, signal: controller.signal, progress }
      const result = await change.work(call)
      const object = operation.object ?? change.made?.(result) ?? null
      operation = { ...operation, object, state: 'succeeded', finishedAt: new Date().toISOString() }
      await this.#journal.write({ operation, fingerprint, ...retainedOf(result, change.holds?.kind) })
      return result
    } catch (thrown) {
      const error = toFlotillaError(controller.signal.aborted ? controller.signal.reason : thrown)
      const state = this.#closing ? 'interrupted' : 'failed'
      operation = { ...operation, state, finishedAt: new Date().toISOString(), error: error.toInfo() }
      await this.#journal.write({ operation, fingerprint })
      throw error
    } finally {
      clearTimeout(timer)
      this.#running.delete(started.id)
      this.#changed(started.id)
    }
  }

  list(): Operation[] {
    return this.#journal.list().slice(0, 1000)
  }

  inspect(id: string): Operation {
    const entry = this.#journal.get(id)
    if (entry === undefined) throw fail('operation.notFound')
    return entry.operation
  }

  /** The operation now, then its latest form after changes, until it has ended. Slow readers get fewer, not more. */
  async *watch(id: string, signal: AbortSignal): AsyncGenerator<Operation> {
    let wake = () => {}
    let dirty = false
    const notice = () => {
      dirty = true
      wake()
    }
    const watchers = this.#watchers.get(id) ?? new Set()
    this.#watchers.set(id, watchers.add(notice))
    signal.addEventListener('abort', notice, { once: true })
    try {
      for (;;) {
        dirty = false
        const operation = this.inspect(id)
        yield operation
        if (operation.state !== 'running') return
        await sleep(progressEveryMs)
        if (!dirty) {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
        if (signal.aborted) return
      }
    } finally {
      signal.removeEventListener('abort', notice)
      watchers.delete(notice)
      if (watchers.size === 0) this.#watchers.delete(id)
    }
  }

  /** Answers when the operation has ended. What has ended already is left as it is. */
  async cancel(id: string, signal: AbortSignal): Promise<Operation> {
    this.inspect(id)
    const running = this.#running.get(id)
    if (running !== undefined) {
      running.controller.abort(fail('operation.cancelled'))
      await orAborted(
        running.outcome.catch(() => {}),
        signal,
      )
    }
    return this.inspect(id)
  }

  /** Of those whose outcome is known where they were asked for. */
  acknowledge(ids: readonly string[]): Promise<void> {
    return this.#journal.acknowledge(ids)
  }

  /** Ends what runs; it is `interrupted`, and a repeat at the next agent runs it again. */
  async close(): Promise<void> {
    this.#closing = true
    const running = [...this.#running.values()]
    for (const { controller } of running) {
      controller.abort(fail('agent.stopping'))
    }
    const patience = sleep(5000, undefined, { ref: false })
    await Promise.race([Promise.allSettled(running.map(({ outcome }) => outcome)), patience])
  }

  #changed(id: string): void {
    for (const notice of this.#watchers.get(id) ?? []) notice()
  }
}

/** A later report with the same step and item takes the earlier one's place; beyond the bound the oldest done one goes. */
function withStep(all: readonly Progress[], step: Progress): Progress[] {
  const at = all.findIndex((one) => one.step === step.step && one.item === step.item)
  if (at >= 0) return all.with(at, step)
  if (all.length < retainedProgress) return [...all, step]
  const oldest = Math.max(
    0,
    all.findIndex((one) => one.state === 'done'),
  )
  return [...all.toSpliced(oldest, 1), step]
}

function fingerprintOf(change: Change, input: unknown): string {
  const desired = JSON.stringify(
    [change.engine, change.method, change.call.scope.actor, input],
    (key, value: unknown) => (key === 'credentials' ? undefined : value),
  )
  return createHash('sha256').update(desired).digest('hex')
}
