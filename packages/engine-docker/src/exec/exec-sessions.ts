import type { Duplex } from 'node:stream'
import { type Call, type ExecCreateInput, type ExecSession as SessionView, fail } from '@flotilla/protocol'
import type { z } from 'zod'
import type { Containers } from '../containers/containers.ts'
import { pause, withDeadline } from '@flotilla/async'
import type { Daemon } from '../daemon.ts'
import { ExecAnswer } from '../docker-answers.ts'
import { dockerError, dockerWordsError } from '../docker-error.ts'
import { isOrphan, killExec, ownerMark } from './exec-process.ts'
import { ExecSession } from './exec-session.ts'

type CreateInput = z.output<typeof ExecCreateInput>

/** Of one container; the oldest one that has ended makes room for a new one. */
const mostSessions = 64
/** Of all containers: what they keep of their output is bounded by this too. */
const mostSessionsAtAll = 256
const startWithinMs = 15_000
const lookEveryMs = 5
/**
 * Docker ends a terminal's connection at these keys, holds the first of them back until the next is typed, and takes no empty
 * sequence: that stands for its own one, which begins with Ctrl-P, the last command of every shell. The first one here is NUL,
 * Ctrl-Space: editors set a mark by it, which shows nothing before the next key, and then is where it was meant. After it
 * Ctrl-^ does nothing anywhere. With two keys no more than one is ever held back.
 */
const detachKeys = 'ctrl-@,ctrl-^'

/** The sessions of all containers. They live as long as the agent: see the absence `exec.attach.survivesAgent`. */
export class ExecSessions {
  readonly #daemon: Daemon
  readonly #containers: Containers
  readonly #sessions = new Map<string, ExecSession>()
  readonly #made = new Map<string, Promise<ExecSession>>()

  constructor(daemon: Daemon, containers: Containers) {
    this.#daemon = daemon
    this.#containers = containers
  }

  /** Starts a command in a running container. The same operation id gives the same session. */
  create(input: CreateInput, call: Call): Promise<ExecSession> {
    const { operationId } = call
    if (operationId === '') return this.#create(input, call)
    const before = this.#made.get(operationId)
    if (before !== undefined) return before
    const made = this.#create(input, call)
    this.#made.set(operationId, made)
    made.then(
      (session) => void session.done.then(() => this.#made.delete(operationId)),
      () => this.#made.delete(operationId),
    )
    return made
  }

  /** Throws NOT_FOUND. */
  get(id: string): ExecSession {
    const session = this.#sessions.get(id)
    if (session === undefined) throw fail('session.notFound')
    return session
  }

  async list(ref: string, signal: AbortSignal): Promise<SessionView[]> {
    const { Id } = await this.#containers.answer(ref, signal)
    return this.#of(Id).map((session) => session.view())
  }

  /** Kills what still runs and forgets the session. Idempotent. */
  async remove(id: string): Promise<void> {
    const session = this.#sessions.get(id)
    if (session === undefined) return
    await session.kill()
    this.#sessions.delete(id)
  }

  async removeOf(containerId: string): Promise<void> {
    await Promise.all(this.#of(containerId).map(({ facts }) => this.remove(facts.id)))
  }

  /** Ends what an agent that was killed left running: nobody can reach it any more. */
  async recover(signal: AbortSignal): Promise<void> {
    for (const container of await this.#containers.answers(false, signal)) {
      for (const id of container.ExecIDs) {
        const { Running, Pid } = await this.#daemon
          .request(ExecAnswer, { path: `/exec/${id}/json`, signal })
          .catch(() => ({ Running: false, Pid: 0 }))
        if (Running && Pid > 0 && (await isOrphan(Pid))) await killExec(container.Id, Pid)
      }
    }
  }

  /** Ends all sessions: without this agent nobody could read or end them. */
  async close(): Promise<void> {
    await Promise.all([...this.#sessions.keys()].map((id) => this.remove(id)))
  }

  async #create(input: CreateInput, call: Call): Promise<ExecSession> {
    const { docker } = this.#daemon
    const container = await this.#containers.answer(input.id, call.signal)
    const { Status } = container.State
    if (Status !== 'running') {
      throw fail('session.needsRunning', { name: container.Name.slice(1), state: Status })
    }
    await this.#makeRoom(container.Id)
    const env = Object.entries(input.env).map(([name, value]) => `${name}=${value}`)
    const exec = await docker
      .getContainer(container.Id)
      .exec({
        ...{ AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: input.tty, Cmd: input.command },
        ...(input.tty ? { DetachKeys: detachKeys } : {}),
        ...{ Env: [...env, await ownerMark()], User: input.user, WorkingDir: input.workingDir },
        ...this.#consoleSize(input),
        abortSignal: call.signal,
      })
      .catch((error: unknown) => {
        throw dockerError(error)
      })
    // The session outlives the call that made it: its signal must not end it.
    const socket = await exec.start({ hijack: true, stdin: true, Tty: input.tty }).catch((error: unknown) => {
      throw dockerError(error)
    })
    const facts = { id: exec.id, containerId: container.Id, command: input.command, tty: input.tty }
    const more = { createdAt: new Date().toISOString(), actor: call.scope.actor }
    const session = new ExecSession(this.#daemon, { ...facts, ...more }, socket as Duplex)
    const failed = new AbortController()
    // Docker keeps it until there is a terminal, so that the command finds its size as early as can be.
    const resized = session.resize(input.columns, input.rows, AbortSignal.any([call.signal, failed.signal]))
    resized.catch(() => {}) // looked at below, where the command runs
    try {
      await this.#untilStarted(session, call.signal)
      await resized.catch((error: unknown) => {
        if (session.end === undefined) throw error // what ends at once needs no size
      })
    } catch (error) {
      failed.abort()
      await session.kill()
      throw error
    }
    this.#sessions.set(exec.id, session)
    return session
  }

  /** From the first moment on; before API 1.42 a command may see a terminal without a size until it is told. */
  #consoleSize({ tty, rows, columns }: CreateInput): object {
    return tty && this.#daemon.speaks('1.42') ? { ConsoleSize: [rows, columns] } : {}
  }

  /** Docker answers before the command runs, and prints into the session what kept it from running. */
  async #untilStarted(session: ExecSession, signal: AbortSignal): Promise<void> {
    const late = withDeadline(signal, startWithinMs)
    for (;;) {
      const { Running, ExitCode, Pid } = await session.inspect(late)
      if (Running) return
      if (ExitCode !== null && ExitCode !== undefined) {
        if (Pid !== 0 || (ExitCode !== 126 && ExitCode !== 127)) return
        await session.done
        throw dockerWordsError(textOf(session))
      }
      await pause(lookEveryMs, late)
    }
  }

  #of(containerId: string): ExecSession[] {
    return [...this.#sessions.values()].filter(({ facts }) => facts.containerId === containerId)
  }

  async #makeRoom(containerId: string): Promise<void> {
    const bounds = [
      { sessions: this.#of(containerId), most: mostSessions, kind: 'session.tooMany' },
      { sessions: [...this.#sessions.values()], most: mostSessionsAtAll, kind: 'session.tooManyInEngine' },
    ] as const
    for (const { sessions, most, kind } of bounds) {
      const over = sessions.filter(({ end }) => end !== undefined)
      for (let left = sessions.length; left >= most; left -= 1) {
        const oldest = over.shift()
        if (oldest === undefined) {
          throw fail(kind, { most })
        }
        await this.remove(oldest.facts.id)
      }
    }
  }
}

function textOf(session: ExecSession): string {
  const reader = session.scrollback.open(true)
  const bytes: Buffer[] = []
  for (let piece = reader.next(); piece !== undefined; piece = reader.next()) bytes.push(piece.bytes)
  reader.close()
  return Buffer.concat(bytes).toString().slice(0, 2000)
}
