import type { Duplex } from 'node:stream'
import {
  because,
  type ExecSession as SessionView,
  type Reason,
  type ReasonFields,
  reasonFields,
} from '@flotilla/protocol'
import { pause } from '@flotilla/async'
import { SessionInput } from '@flotilla/engine'
import type { Daemon } from '../daemon.ts'
import { ExecAnswer } from '../docker-answers.ts'
import { dockerError } from '../docker-error.ts'
import { FrameParser } from '../stream-frames.ts'
import { killExec } from './exec-process.ts'
import { Scrollback } from './scrollback.ts'

/** Output that a session keeps for who comes back to it. */
const scrollbackBytes = 512 * 1024
const lookEveryMs = 20
const endWithinMs = 5_000

export type SessionEnd = { exitCode: number | null } & ReasonFields<'reason'>

type Facts = Omit<SessionView, 'state' | 'exitCode'>

/** A command that runs in a container, with its connection to the daemon: the only one that Docker gives. */
export class ExecSession {
  readonly facts: Facts
  readonly scrollback = new Scrollback(scrollbackBytes)
  readonly input = new SessionInput()
  /** Resolves with its end; never throws. */
  readonly done: Promise<SessionEnd>
  readonly #daemon: Daemon
  readonly #socket: Duplex
  #end: SessionEnd | undefined

  constructor(daemon: Daemon, facts: Facts, socket: Duplex) {
    this.#daemon = daemon
    this.facts = facts
    this.#socket = socket
    socket.on('error', () => {}) // told where it is read or written
    this.done = this.#pump().then((end) => {
      this.#end = end
      this.scrollback.close()
      return end
    })
  }

  get end(): SessionEnd | undefined {
    return this.#end
  }

  view(): SessionView {
    return {
      ...this.facts,
      state: this.#end === undefined ? 'running' : 'exited',
      exitCode: this.#end?.exitCode ?? null,
    }
  }

  /** Resolves when the daemon has taken the bytes. */
  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) =>
        error === null || error === undefined ? resolve() : reject(dockerError(error)),
      )
    })
  }

  /** Ends its standard input. A terminal has no such end: there it is a key that is typed. */
  endInput(): void {
    if (!this.facts.tty) this.#socket.end()
  }

  async resize(columns: number, rows: number, signal: AbortSignal): Promise<void> {
    if (!this.facts.tty || this.#end !== undefined) return
    const query = { h: String(rows), w: String(columns) }
    const body = await this.#daemon.stream({ method: 'POST', path: `/exec/${this.facts.id}/resize`, query, signal })
    body.destroy()
  }

  /** As Docker sees it. Throws NOT_FOUND when its container is gone. */
  inspect(signal: AbortSignal): Promise<ExecAnswer> {
    return this.#daemon.request(ExecAnswer, { path: `/exec/${this.facts.id}/json`, signal })
  }

  /** Kills what still runs, and waits for its end. */
  async kill(): Promise<void> {
    const signal = AbortSignal.timeout(endWithinMs)
    if (this.#end === undefined) {
      const answer = await this.inspect(signal).catch(() => undefined)
      if (answer?.Running === true) await killExec(this.facts.containerId, answer.Pid)
      this.scrollback.close() // nobody will read what it still prints
      await Promise.race([this.done, pause(endWithinMs, signal)])
    }
    this.#socket.destroy()
    await this.done
  }

  async #pump(): Promise<SessionEnd> {
    const frames = this.facts.tty ? undefined : new FrameParser()
    try {
      for await (const chunk of this.#socket) {
        const bytes = chunk as Buffer
        const pieces = frames?.push(bytes) ?? [{ stream: 'stdout' as const, data: bytes }]
        for (const { stream, data } of pieces) this.scrollback.append({ channel: stream, bytes: Buffer.from(data) })
        await this.scrollback.room()
      }
    } catch {
      // The exit says what became of it.
    }
    return this.#exit()
  }

  /** Docker closes the connection a moment before it knows the exit code. */
  async #exit(): Promise<SessionEnd> {
    const signal = AbortSignal.timeout(endWithinMs)
    try {
      for (;;) {
        const { Running, ExitCode } = await this.inspect(signal)
        if (!Running) return { exitCode: ExitCode ?? null }
        if (signal.aborted) return unseen(because('session.closed'))
        await pause(lookEveryMs, signal)
      }
    } catch (error) {
      const { code, message } = dockerError(error)
      if (code === 'NOT_FOUND') return unseen(because('container.removed'))
      return unseen(because('session.endUnseen', { message }))
    }
  }
}

const unseen = (reason: Reason): SessionEnd => ({ exitCode: null, ...reasonFields('reason', reason) })
