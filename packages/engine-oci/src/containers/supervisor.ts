import { readdir } from 'node:fs/promises'
import { isAlive } from '@flotilla/kernel'
import type { Context } from './context.ts'
import { endless } from './endless.ts'
import { completeFinish, finishRun } from './finish.ts'
import type { ContainerRecord } from './record.ts'

const fullLookMs = 5000
const networkLookMs = 30_000

/** Notices what ends while nobody waits for it: by its exit file at once, and within seconds where conmon itself was killed. */
export class Supervisor {
  readonly #context: Context
  readonly #closing = endless()
  #unsubscribe: (() => void) | undefined
  #working: Promise<void> | undefined
  #again = false
  #lastFullLook = 0
  #lastNetworkLook = Date.now()

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
    await this.#working
  }

  #wake(): void {
    if (this.#working !== undefined) {
      this.#again = true
      return
    }
    this.#working = this.#look()
      .catch((error: unknown) => this.#context.log.warn({ err: error }, 'looking after containers failed'))
      .finally(() => {
        this.#working = undefined
        if (this.#again && !this.#closing.signal.aborted) {
          this.#again = false
          this.#wake()
        }
      })
  }

  async #look(): Promise<void> {
    const { store, exits, networks, log } = this.#context
    await store.flush()
    const now = Date.now()
    const full = now - this.#lastFullLook >= fullLookMs
    const files = new Set(await readdir(exits.folder))
    const work: Promise<void>[] = []
    for (const record of store.all()) {
      if (record.phase === 'running') {
        if (files.has(record.id) || (full && !(await hasMonitor(record)))) work.push(this.#end(record))
      } else if (full && record.phase === 'exited' && record.run !== null) work.push(this.#clear(record))
    }
    if (full) this.#lastFullLook = now
    if (now - this.#lastNetworkLook >= networkLookMs && store.all().some(({ phase }) => phase === 'running')) {
      this.#lastNetworkLook = now
      work.push(
        networks.reconcile(this.#closing.signal).then((mended) => {
          if (mended) log.warn({}, 'firewall rules of published ports were gone and have been put back')
        }),
      )
    }
    for (const result of await Promise.allSettled(work)) {
      if (result.status === 'rejected' && !this.#closing.signal.aborted) {
        log.warn({ err: result.reason as unknown }, 'a container that ended could not be cleaned up; it is tried again')
      }
    }
  }

  #end({ id }: ContainerRecord): Promise<void> {
    const context = this.#context
    return context.locks.run(id, this.#closing.signal, async () => {
      const record = context.store.get(id)
      if (record?.phase !== 'running') return
      const end = await context.exits.end(record, context.bootId)
      if (end !== undefined) await finishRun(context, record, end)
      else if (record.exitReason === null && !(await hasMonitor(record))) {
        await context.store.note(id, {
          exitReason: 'Its monitor (conmon) was killed: its output is lost from then on.',
        })
      }
    })
  }

  #clear({ id }: ContainerRecord): Promise<void> {
    const context = this.#context
    return context.locks.run(id, this.#closing.signal, async () => {
      const record = context.store.get(id)
      if (record?.phase === 'exited' && record.run !== null) await completeFinish(context, record)
    })
  }
}

async function hasMonitor(record: ContainerRecord): Promise<boolean> {
  const conmon = record.run?.conmon ?? null
  return conmon !== null && (await isAlive(conmon))
}
