import { randomBytes } from 'node:crypto'
import {
  type Call,
  type EngineMethods,
  type ExecDown,
  type ExecSession,
  type ExecUp,
  type ExecWriter,
  type FlotillaError,
  type Handler,
  type Incoming,
  fail,
} from '@flotilla/protocol'
import { SessionInput } from '@flotilla/engine'
import type { FakeProcess } from '../shell/process.ts'
import type { FakeContainer } from './container.ts'

type Channel = 'stdout' | 'stderr'
type CreateInput = Parameters<Handler<EngineMethods['exec']['create']>>[0]

/** Most bytes of output kept for those who attach later. */
const retainedBytes = 2 * 1024 * 1024
/** A reader may be this far behind before the session's program waits for it. */
const aheadBytes = 512 * 1024

/** A command that runs in a fake container, with its output kept, so that one may leave and come back. */
export class FakeExec {
  readonly id = randomBytes(16).toString('hex')
  readonly #container: FakeContainer
  readonly #input: CreateInput
  readonly #actor: string
  readonly #createdAt = new Date().toISOString()
  readonly process: FakeProcess
  #exitCode: number | null = null
  #output: { channel: Channel; bytes: Uint8Array; start: number }[] = []
  #total = 0
  #retained = 0
  #readers = new Map<object, number>()
  #wake = new Set<() => void>()
  readonly #typed = new SessionInput()

  constructor(container: FakeContainer, input: CreateInput, call: Call, pid: number) {
    this.#container = container
    this.#input = input
    this.#actor = call.scope.actor
    const user = input.user === undefined ? {} : { uid: Number(input.user.split(':')[0]) || 0 }
    this.process = container.spawn({
      pid,
      argv: input.command,
      env: { ...container.env, ...(input.tty ? { TERM: 'xterm' } : {}), ...input.env },
      cwd: input.workingDir ?? container.cwd,
      ...user,
      tty: input.tty ? { columns: input.columns, rows: input.rows } : undefined,
      output: (channel, bytes) => this.#print(channel, bytes),
    })
    void this.process.ended.then((code) => {
      this.#exitCode = code
      this.#changed()
    })
  }

  get containerId(): string {
    return this.#container.id
  }

  row(): ExecSession {
    return {
      id: this.id,
      containerId: this.#container.id,
      command: this.#input.command,
      tty: this.#input.tty,
      state: this.#exitCode === null ? 'running' : 'exited',
      exitCode: this.#exitCode,
      createdAt: this.#createdAt,
      actor: this.#actor,
    }
  }

  async #print(channel: Channel, bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return // a piece of no length would be found again and again
    this.#output.push({ channel, bytes, start: this.#total })
    this.#total += bytes.length
    this.#retained += bytes.length
    for (let first = this.#output[0]; this.#retained > retainedBytes && first !== undefined; first = this.#output[0]) {
      this.#output.shift()
      this.#retained -= first.bytes.length
    }
    this.#changed()
    const behind = () => [...this.#readers.values()].some((position) => this.#total - position > aheadBytes)
    while (behind() && !this.process.killed.aborted) await this.#change(this.process.killed)
  }

  async *attach(
    { replay, writer }: { replay: boolean; writer?: ExecWriter | undefined },
    incoming: Incoming<ExecUp>,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array | ExecDown> {
    const reader = {}
    const start = replay ? 0 : this.#total
    this.#readers.set(reader, start)
    const pump = this.#typed.attach(this.#sink, incoming, writer, () => this.#changed())
    let channel: Channel = 'stdout'
    let position = start
    let live = false
    const liveFrom = this.#total
    const lostBytes = replay ? (this.#output[0]?.start ?? 0) : 0
    try {
      while (!signal.aborted) {
        const news = pump.news()
        if (news !== undefined) yield news
        const chunk = this.#after(position)
        if (!live && (chunk === undefined || chunk.start >= liveFrom)) {
          live = true
          yield { type: 'live', lostBytes }
          continue // more may have been printed meanwhile
        }
        if (chunk !== undefined) {
          if (chunk.channel !== channel) yield { type: 'channel', channel: chunk.channel }
          channel = chunk.channel
          for (let at = 0; at < chunk.bytes.length; at += 32 * 1024) yield chunk.bytes.subarray(at, at + 32 * 1024)
          position = chunk.start + chunk.bytes.length
          this.#readers.set(reader, position)
          this.#changed()
        } else if (this.#exitCode !== null) {
          yield { type: 'exit', exitCode: this.#exitCode }
          return
        } else await this.#change(signal)
      }
    } finally {
      pump.stop()
      this.#readers.delete(reader)
      this.#changed()
    }
  }

  /** The first kept piece at or after a position; pieces are in order. */
  #after(position: number) {
    let low = 0
    let high = this.#output.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#output[middle]?.start ?? 0) < position) low = middle + 1
      else high = middle
    }
    return this.#output[low]
  }

  readonly #sink = {
    write: (bytes: Uint8Array) => this.process.input(bytes),
    endInput: () => this.process.stdin.end(),
    resize: async (columns: number, rows: number) => {
      this.process.size = { columns, rows }
    },
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#wake.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.#wake.add(done)
      signal.addEventListener('abort', done, { once: true })
    })
  }

  #changed(): void {
    for (const wake of [...this.#wake]) wake()
  }
}

export function missingSession(): FlotillaError {
  return fail('session.notFound')
}
