import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isNoSpace, writeFileAtomic } from '@flotilla/host'
import { isAlive } from '@flotilla/kernel'
import { selectCapabilities } from '@flotilla/oci'
import { buildProcess, mergeEnv, resolveUserInRoot, rlimits } from '../runtime-spec/index.ts'
import { because, type Call, type ExecCreateInput, fail } from '@flotilla/protocol'
import type { z } from 'zod'
import type { Context } from '../containers/context.ts'
import type { ContainerRecord } from '../containers/record.ts'
import { LogFolder, mostForReaders } from '../logs/log-folder.ts'
import { countedLate } from '../logs/log-rotator.ts'
import { launchConmon, readLaunched, reopenLog } from '../runtime/conmon.ts'
import { signalProcess } from '../runtime/process.ts'
import { UnknownFields } from '../unknown-fields.ts'
import { ExecInput } from './exec-input.ts'
import { ExecRecord, ownerOf } from './exec-record.ts'

type CreateInput = z.output<typeof ExecCreateInput>

const mostSessions = 64
/** Of its output where nobody reads it, the file that is written among them. */
const sessionFiles = 2
const removeWaitMs = 5000
/** Files' lengths that a session may print before the agent looks: what it prints is whole, so its monitor ends no file sooner. */
const mostUnnamed = 16

/** The sessions of all containers: in memory, and each on disk, where it outlives the agent as its conmon does. */
export class ExecSessions {
  readonly #context: Context
  readonly #records = new Map<string, ExecRecord>()
  /** Generations that attached readers stand at, by session. */
  readonly #readers = new Map<string, Set<() => number>>()
  readonly #inputs = new Map<string, ExecInput>()
  readonly #unknown = new UnknownFields<ExecRecord>()

  constructor(context: Context) {
    this.#context = context
  }

  /** conmon's own folder: FIFOs and sockets, whose paths must stay short. */
  runFolder(id: string): string {
    return join(this.#context.runDir, 'x', id)
  }

  /** Holds the output, and the exit file beside it, so that one watch sees both. */
  logFolder(id: string): LogFolder {
    return new LogFolder(join(this.#folder(id), 'log'))
  }

  /** Starts a command in a running container. The same operation id gives the same session. */
  async create(input: CreateInput, call: Call): Promise<ExecRecord> {
    const container = this.#context.store.find(input.id)
    if (container.phase !== 'running' || container.paused) {
      throw fail(container.paused ? 'session.containerPaused' : 'session.containerNotRunning', { name: container.name })
    }
    const id = randomBytes(8).toString('hex')
    return this.#context.locks.run(`exec:${call.operationId === '' ? id : call.operationId}`, call.signal, async () => {
      const before = [...this.#records.values()].find(
        ({ operationId }) => operationId !== '' && operationId === call.operationId,
      )
      return before ?? this.#start(id, container, input, call)
    })
  }

  /** As they are now, those that have ended too. */
  async list(containerId: string): Promise<ExecRecord[]> {
    const own = [...this.#records.values()].filter((record) => record.containerId === containerId)
    return Promise.all(own.map((record) => this.refresh(record.id)))
  }

  /** The session with its end, where it has come. Throws NOT_FOUND. */
  async refresh(id: string): Promise<ExecRecord> {
    const record = this.#records.get(id)
    if (record === undefined) throw fail('session.notFound')
    if (record.phase === 'exited') return record
    const end = await this.#end(record)
    if (end === undefined) return record
    this.#context.rotator.remove(`exec:${id}`)
    return this.#note({ ...record, phase: 'exited', ...end })
  }

  /** Keeps what an attached reader has still to read. Gives the function that ends it. */
  addReader(id: string, generation: () => number): () => void {
    const readers = this.#readers.get(id) ?? new Set()
    this.#readers.set(id, readers)
    readers.add(generation)
    return () => {
      readers.delete(generation)
      if (readers.size === 0) this.#readers.delete(id)
    }
  }

  /** The way into a session, one for all who are attached to it. */
  input(id: string): ExecInput {
    const input = this.#inputs.get(id) ?? new ExecInput(this.runFolder(id))
    this.#inputs.set(id, input)
    return input
  }

  /** Kills what still runs and forgets the session. Idempotent. */
  async remove(id: string): Promise<void> {
    const record = this.#records.get(id)
    if (record === undefined) return
    const deadline = performance.now() + removeWaitMs
    while ((await this.#end(record)) === undefined) {
      await signalProcess(record.process, 9)
      if (performance.now() > deadline) {
        await signalProcess(record.conmon, 9)
        break
      }
      await sleep(10)
    }
    this.#context.failurePoint('exec.remove.ended')
    await this.#forget(id)
  }

  async removeOf(containerId: string): Promise<void> {
    const own = [...this.#records.values()].filter((record) => record.containerId === containerId)
    await Promise.all(own.map(({ id }) => this.remove(id)))
  }

  /**
   * Takes over what an earlier agent left: sessions go on, half made ones and those of containers that are gone end. One whose
   * record cannot be read is left as it is while it runs, or while it says that a container is its own that is there.
   */
  async recover(): Promise<void> {
    const { dataDir, runDir } = this.#context
    const folder = join(dataDir, 'exec')
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const left = new Set<string>()
    for (const id of await readdir(folder)) {
      const record = await this.#read(id)
      if (record === 'left') left.add(id)
      else if (record === undefined) await this.#forget(id)
      else await this.#takeOver(record)
    }
    await mkdir(join(runDir, 'x'), { recursive: true, mode: 0o700 })
    for (const id of await readdir(join(runDir, 'x'))) {
      if (!this.#records.has(id) && !left.has(id)) await this.#forget(id)
    }
  }

  async #takeOver(record: ExecRecord): Promise<void> {
    const { store } = this.#context
    const { id, containerId, phase } = record
    this.#records.set(id, record)
    if (!store.owns(containerId)) await this.remove(id)
    else if (phase === 'starting') await this.#adopt(record)
    else if ((await this.refresh(id)).phase === 'running') this.#rotate(id)
  }

  async #start(id: string, container: ContainerRecord, input: CreateInput, call: Call): Promise<ExecRecord> {
    const { failurePoint, bootId } = this.#context
    await this.#makeRoom(container.id)
    const process = await this.#process(container, input)
    const record: ExecRecord = {
      ...{ version: 1, id, containerId: container.id, operationId: call.operationId, command: input.command },
      ...{ tty: input.tty, createdAt: new Date().toISOString(), actor: call.scope.actor, bootId, phase: 'starting' },
      ...{ conmon: null, process: null, exitCode: null, exitReason: null },
    }
    await Promise.all([
      mkdir(this.logFolder(id).path, { recursive: true, mode: 0o700 }),
      mkdir(this.runFolder(id), { recursive: true, mode: 0o700 }),
    ])
    await this.#save(record)
    failurePoint('exec.create.state')
    try {
      const processPath = join(this.runFolder(id), 'process.json')
      await writeFile(processPath, JSON.stringify(process), { mode: 0o600 })
      const launched = await launchConmon({
        ...{ conmonPath: this.#context.conmonPath, runtime: this.#context.runc, containerId: container.id },
        ...{ folder: this.runFolder(id), logPath: this.logFolder(id).currentPath, exitDir: this.logFolder(id).path },
        ...{
          logBytes: this.#context.logLimits.maxBytes * mostUnnamed,
          terminal: input.tty,
          stdin: true,
          execProcessPath: processPath,
          signal: call.signal,
        },
      })
      failurePoint('exec.create.conmon')
      const running = await this.#save({ ...record, ...launched, phase: 'running' })
      failurePoint('exec.create.done')
      this.#rotate(id)
      return running
    } catch (error) {
      await this.#forget(id)
      throw error
    }
  }

  /** The container's own process document with another command; its user and capabilities are worked out anew. */
  async #process(container: ContainerRecord, input: CreateInput) {
    const { spec, resolved } = container
    const { snapshots, hostLimits } = this.#context
    return buildProcess({
      args: input.command,
      env: mergeEnv(resolved.env, input.env),
      cwd: input.workingDir ?? resolved.workingDir,
      tty: input.tty,
      user: await resolveUserInRoot(
        await seenRoot(snapshots.rootPath(container.id), container),
        input.user ?? resolved.user,
      ),
      hostname: resolved.hostname,
      granted: selectCapabilities(spec, hostLimits.capabilities),
      capAdd: spec.capAdd,
      rlimits: rlimits(hostLimits),
      ...(input.tty ? { consoleSize: { height: input.rows, width: input.columns } } : {}),
    })
  }

  async #makeRoom(containerId: string): Promise<void> {
    const own = await this.list(containerId)
    const over = own.filter(({ phase }) => phase === 'exited').sort((a, b) => a.createdAt.localeCompare(b.createdAt))
    for (let left = own.length; left >= mostSessions; left -= 1) {
      const oldest = over.shift()
      if (oldest === undefined) {
        throw fail('session.tooMany', { most: mostSessions })
      }
      await this.remove(oldest.id)
    }
  }

  async #adopt(record: ExecRecord): Promise<void> {
    // conmon outlives an agent that was killed while it waited for it: it is given the time to come to an end.
    for (let attempt = 0; attempt < 40; attempt += 1) {
      const launched = await readLaunched(this.runFolder(record.id))
      if (launched.process !== null) {
        this.#rotate(record.id)
        await this.#note({ ...record, ...launched, phase: 'running' })
        return
      }
      if (launched.conmon === null && attempt > 3) break
      await sleep(50)
    }
    await this.remove(record.id)
  }

  #rotate(id: string): void {
    this.#context.rotator.add(`exec:${id}`, {
      folder: this.logFolder(id),
      limits: { maxBytes: this.#context.logLimits.maxBytes, maxFiles: sessionFiles },
      mostFiles: () => (this.#readers.has(id) ? mostForReaders : sessionFiles + countedLate),
      askBytes: this.#context.logLimits.maxBytes,
      reopen: () => reopenLog(this.runFolder(id)),
      neededGeneration: () => {
        const generations = [...(this.#readers.get(id) ?? [])].map((generation) => generation())
        return generations.length === 0 ? undefined : Math.min(...generations)
      },
    })
  }

  async #end(record: ExecRecord): Promise<Pick<ExecRecord, 'exitCode' | 'exitReason'> | undefined> {
    const seen = await this.#exitCode(record)
    if (seen !== undefined) return { exitCode: seen, exitReason: null }
    if (record.bootId !== this.#context.bootId) {
      return { exitCode: null, exitReason: because('session.hostRestarted') }
    }
    if (record.conmon !== null && (await isAlive(record.conmon))) return undefined
    const late = await this.#exitCode(record)
    if (late !== undefined) return { exitCode: late, exitReason: null }
    await signalProcess(record.process, 9) // nobody can read or write it any more
    return { exitCode: null, exitReason: because('session.monitorKilled') }
  }

  async #exitCode(record: ExecRecord): Promise<number | undefined> {
    try {
      const text = (await readFile(join(this.logFolder(record.id).path, record.containerId), 'utf8')).trim()
      return /^-?\d+$/.test(text) ? Number(text) : undefined
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  #folder(id: string): string {
    return join(this.#context.dataDir, 'exec', id)
  }

  /** Undefined for what was never finished, and with a warning for what a power cut left broken: no session outlives that. */
  async #read(id: string): Promise<ExecRecord | 'left' | undefined> {
    const { log, store } = this.#context
    const path = join(this.#folder(id), 'session.json')
    let raw: unknown
    try {
      raw = JSON.parse(await readFile(path, 'utf8'))
      const record = ExecRecord.parse(raw)
      this.#unknown.note(id, raw, record)
      return record
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      const owner = ownerOf(raw)
      const isLeft =
        (owner !== undefined && store.owns(owner)) || (await readLaunched(this.runFolder(id))).conmon !== null
      const what = isLeft ? 'it is left as it is and not shown' : 'the session is dropped'
      log.warn({ err: error, id, path }, `the record of a session cannot be read: ${what}`)
      return isLeft ? 'left' : undefined
    }
  }

  async #save(record: ExecRecord): Promise<ExecRecord> {
    await writeFileAtomic(
      join(this.#folder(record.id), 'session.json'),
      JSON.stringify(this.#unknown.merge(record.id, record)),
    )
    this.#records.set(record.id, record)
    return record
  }

  /** Keeps what its folders tell anyway: on a full disk in memory alone, and the next agent reads it out of them again. */
  async #note(record: ExecRecord): Promise<ExecRecord> {
    return this.#save(record).catch((error: unknown) => {
      if (!isNoSpace(error)) throw error
      this.#records.set(record.id, record)
      return record
    })
  }

  async #forget(id: string): Promise<void> {
    this.#records.delete(id)
    this.#inputs.delete(id)
    this.#unknown.forget(id)
    await rm(this.runFolder(id), { recursive: true, force: true })
    await this.#context.rotator.drop(`exec:${id}`, () => rm(this.#folder(id), { recursive: true, force: true }))
  }
}

/** The root of a container with what is mounted over it, as its first process has it, unless that one has made another its own. */
async function seenRoot(path: string, { run }: ContainerRecord): Promise<string> {
  const process = run?.process ?? null
  if (process === null || !(await isAlive(process))) return path
  const seen = `/proc/${process.pid}/root`
  const nameOf = async (root: string) => {
    const { dev, ino } = await stat(`${root}/`)
    return `${dev} ${ino}`
  }
  return (await nameOf(seen)) === (await nameOf(path)) ? seen : path
}
