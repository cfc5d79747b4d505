import { endless } from '@flotilla/async'
import { readdir } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { isAlive } from '@flotilla/kernel'
import { because } from '@flotilla/protocol'
import { type Context, emit } from './context.ts'
import { finishRun } from './finish.ts'
import type { ContainerRecord } from './record.ts'
import { restoreNetwork } from './network-changes.ts'
import { renewSharedNetwork } from './operate.ts'
import { isHalfDone, recoverContainer } from './recover.ts'
import { isNetworkStale, waitsForOwner, whyNoNetwork } from './shared-network.ts'
import { waitOf } from './waits.ts'

const fullLookMs = 5000

/**
 * Notices what ends while nobody waits for it: by its exit file at once, and within seconds where conmon itself was killed. What
 * was left half done is tried again. One container that cannot be worked on keeps no other waiting.
 */
export class Supervisor {
  readonly #context: Context
  readonly #closing = endless()
  #unsubscribe: (() => void) | undefined
  #looking: Promise<void> | undefined
  /** What is being worked on: containers by their ids, and the rules of published ports. */
  readonly #busy = new Map<string, Promise<void>>()
  /** What was told last of what each waits for, as text. */
  readonly #waits = new Map<string, string>()
  #again = false
  #lastFullLook = Number.NEGATIVE_INFINITY

  constructor(context: Context) {
    this.#context = context
  }

  open(): void {
    this.#unsubscribe = this.#context.exits.onWake(() => this.#wake())
    this.#wake()
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    this.#unsubscribe?.()
    this.#closing.abort()
    await this.#looking
    await Promise.all(this.#busy.values())
  }

  #wake(): void {
    if (this.#looking !== undefined) {
      this.#again = true
      return
    }
    this.#looking = this.#look()
      .catch((error: unknown) => this.#context.log.warn({ err: error }, 'looking after containers failed'))
      .finally(() => {
        this.#looking = undefined
        if (this.#again && !this.#closing.signal.aborted) {
          this.#again = false
          this.#wake()
        }
      })
  }

  async #look(): Promise<void> {
    const { store, exits } = this.#context
    await store.flush()
    const now = performance.now()
    const full = now - this.#lastFullLook >= fullLookMs
    const files = new Set(await readdir(exits.folder))
    for (const record of store.all()) {
      const { id, phase } = record
      if (this.#busy.has(id)) continue
      if (phase === 'running') {
        if (files.has(id) || (full && !(await hasMonitor(record)))) this.#work(id, () => this.#end(id))
        else if (full && (await isNetworkStale(this.#context, record))) this.#work(id, () => this.#renewNetwork(id))
        else if (full && this.#context.networks.isHalfChanged(id)) this.#work(id, () => this.#restoreNetwork(id))
        else if (full && isNetworkUntold(this.#context, record)) this.#work(id, () => this.#tellOfNetwork(id))
      } else if (full && waitsForOwner(this.#context, record)) {
        this.#work(id, () => this.#startWithOwner(id))
      } else if (full && isHalfDone(record)) this.#work(id, () => this.#complete(id))
    }
    this.#tellWaits()
    if (full) this.#lastFullLook = now
    const anyRuns = store.setAside.all().length > 0 || store.all().some(({ phase }) => phase === 'running')
    if (!full || this.#busy.has('rules') || !anyRuns) return
    this.#work('rules', () => this.#tendNetworks())
  }

  /** Begins work that nobody waits for but `close`; what is under way is not begun again. */
  #work(key: string, work: () => Promise<void>): void {
    if (this.#busy.has(key) || this.#closing.signal.aborted) return
    const done = work()
      .catch((error: unknown) => {
        if (this.#closing.signal.aborted) return
        this.#context.log.warn({ err: error, id: key }, 'looking after a container failed; it is tried again')
      })
      .finally(() => this.#busy.delete(key))
    this.#busy.set(key, done)
  }

  async #tendNetworks(): Promise<void> {
    const { networks, store, log } = this.#context
    const troubles = () => new Map(store.all().map(({ id }) => [id, networks.trouble(id)]))
    const before = troubles()
    try {
      const mended = await networks.tend(this.#closing.signal)
      if (mended) log.warn({}, 'links, rules, settings or held ports of networks were gone and have been put back')
    } finally {
      this.#tellTroubles(before, troubles())
    }
  }

  /** Of containers whose change hangs, or goes on again. */
  #tellWaits(): void {
    const context = this.#context
    for (const record of context.store.all()) {
      const wait = JSON.stringify(waitOf(context, record) ?? '')
      if (wait === (this.#waits.get(record.id) ?? '""')) continue
      if (wait === '""') this.#waits.delete(record.id)
      else this.#waits.set(record.id, wait)
      emit(context, 'update', record)
    }
    for (const id of this.#waits.keys()) if (context.store.get(id) === undefined) this.#waits.delete(id)
  }

  #tellTroubles(before: ReadonlyMap<string, unknown>, now: ReadonlyMap<string, unknown>): void {
    const { store } = this.#context
    for (const [id, trouble] of now) {
      const record = store.get(id)
      const isNew = !isDeepStrictEqual(trouble, before.get(id) ?? null)
      if (record !== undefined && isNew) emit(this.#context, 'update', record)
    }
  }

  #end(id: string): Promise<void> {
    const context = this.#context
    return context.locks.run(id, this.#closing.signal, async () => {
      const record = context.store.get(id)
      if (record?.phase !== 'running') return
      const end = await context.exits.end(record, context.bootId)
      if (end !== undefined) await finishRun(context, record, end)
      else if (record.exitReason === null && !(await hasMonitor(record))) {
        await context.store.note(id, { exitReason: because('container.outputLost') })
      }
    })
  }

  /** Starts a container anew whose namespace its owner has left. */
  #renewNetwork(id: string): Promise<void> {
    const context = this.#context
    return context.locks.run(id, this.#closing.signal, async () => {
      const record = context.store.get(id)
      if (record === undefined || !(await isNetworkStale(context, record))) return
      await renewSharedNetwork(context, record, this.#closing.signal)
    })
  }

  /** Tries again what a failed change of its networks or ports left halfway. */
  #restoreNetwork(id: string): Promise<void> {
    const context = this.#context
    return context.locks.run(id, this.#closing.signal, async () => {
      const record = context.store.get(id)
      if (record?.phase !== 'running' || !context.networks.isHalfChanged(id)) return
      emit(context, 'update', await restoreNetwork(context, record))
    })
  }

  /** Says of a container that runs on why it has no network. */
  #tellOfNetwork(id: string): Promise<void> {
    const context = this.#context
    return context.locks.run(id, this.#closing.signal, async () => {
      const record = context.store.get(id)
      if (record === undefined || !isNetworkUntold(context, record)) return
      const exitReason = whyNoNetwork(context, record) ?? null
      const run = record.run && { ...record.run, ipAddress: null }
      emit(context, 'update', await context.store.note(id, { exitReason, run }))
    })
  }

  /** Ends a wait that was for the owner of its network. */
  #startWithOwner(id: string): Promise<void> {
    const context = this.#context
    return context.locks.run(id, this.#closing.signal, async () => {
      const record = context.store.get(id)
      if (record === undefined || !waitsForOwner(context, record)) return
      context.restarts.arm(await context.store.note(id, { restartAt: new Date().toISOString(), restartStreak: 1 }))
    })
  }

  #complete(id: string): Promise<void> {
    const context = this.#context
    return context.locks.run(id, this.#closing.signal, async () => {
      const record = context.store.get(id)
      if (record !== undefined && isHalfDone(record)) await recoverContainer(context, id)
    })
  }
}

function isNetworkUntold(context: Context, record: ContainerRecord): boolean {
  const why = whyNoNetwork(context, record)
  return why !== undefined && !isDeepStrictEqual(record.exitReason, why)
}

async function hasMonitor(record: ContainerRecord): Promise<boolean> {
  const conmon = record.run?.conmon ?? null
  return conmon !== null && (await isAlive(conmon))
}
