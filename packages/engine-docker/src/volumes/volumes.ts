import { KeyedHolds, KeyedLocks, pause, withDeadline } from '@flotilla/async'
import type { FailurePoint } from '@flotilla/engine'
import { copyTree, measureFolder } from '@flotilla/files'
import {
  beginsId,
  type Call,
  type FlotillaError,
  fail,
  type Scope,
  type Volume,
  type VolumeChange,
  type VolumeCloneInput,
  type VolumeDetail,
  type VolumeSize,
  type VolumeUser,
  namedContainers,
} from '@flotilla/protocol'
import { z } from 'zod'
import { atOnce } from '../at-once.ts'
import { operationLabel } from '../containers/container-map.ts'
import type { Containers } from '../containers/containers.ts'
import type { Daemon } from '../daemon.ts'
import { ContainerListAnswer } from '../docker-answers.ts'
import { dockerError } from '../docker-error.ts'
import { reachesHost, requireReach } from './host-folders.ts'
import { mountPointOf } from './mount-points.ts'
import { type OpenedVolume, plainVolume } from './opened-volume.ts'
import type { VolumeClones } from './volume-clones.ts'
import { VolumeAnswer, VolumeListAnswer } from './volume-answers.ts'
import type { VolumeHelpers } from './volume-helpers.ts'
import { createdLabel, toUsers, toVolume } from './volume-map.ts'
import { VolumeSizes } from './volume-sizes.ts'
import { VolumeWalks } from './volume-walks.ts'

/** So many of those that a beginning of an id means are named. */
const mostNamed = 5
/** For taking back what could not be made whole. */
const undoMs = 60_000
/** So long a removal waits for what the agent itself does in the volume; each look for its end takes two calls. */
const helpersMs = 5000
const againMs = 250
const Native = z.record(z.string(), z.unknown())

type NewVolume = Pick<Volume, 'name' | 'labels'>
/** The labels by which a volume of Docker is known to be the one that a call made. */
type Marks = Readonly<Record<string, string>>

interface Parts {
  daemon: Daemon
  containers: Containers
  helpers: VolumeHelpers
  clones: VolumeClones
  failurePoint: FailurePoint
}

/** Volumes through the Docker Engine API, whoever made them. */
export class Volumes {
  readonly locks = new KeyedLocks()
  /** Those whose folder on this machine is in use; of others the daemon knows it by the agent's container. */
  readonly #holds = new KeyedHolds()
  readonly #daemon: Daemon
  readonly #containers: Containers
  readonly #helpers: VolumeHelpers
  readonly #clones: VolumeClones
  readonly #failurePoint: FailurePoint
  readonly #sizes = new VolumeSizes()
  readonly walks: VolumeWalks

  constructor({ daemon, containers, helpers, clones, failurePoint }: Parts) {
    this.#clones = clones
    this.#failurePoint = failurePoint
    this.#daemon = daemon
    this.walks = new VolumeWalks(daemon)
    this.#containers = containers
    this.#helpers = helpers
  }

  async list(signal: AbortSignal): Promise<Volume[]> {
    const all = await this.answers(signal)
    this.#sizes.keepOnly(all)
    return all.map((answer) => this.rowOf(answer))
  }

  /** Docker's answer as a row of the list, with the size that was measured last. */
  rowOf(answer: VolumeAnswer): Volume {
    return { ...toVolume(this.#daemon.id, answer), size: this.#sizes.of(answer) }
  }

  /** It is gone: another of its name has not been measured. */
  gone(name: string): void {
    this.#sizes.forget(name)
  }

  /** Docker's own answers of all volumes, or of those that fit the filters. */
  async answers(signal: AbortSignal, filters?: Record<string, string[]>): Promise<VolumeAnswer[]> {
    const query: Record<string, string> = filters === undefined ? {} : { filters: JSON.stringify(filters) }
    return (await this.#daemon.request(VolumeListAnswer, { path: '/volumes', query, signal })).Volumes
  }

  /** By name or twelve or more first digits of one that is an id; undefined where there is none. Throws CONFLICT for those of several. */
  async find(ref: string, signal: AbortSignal): Promise<VolumeAnswer | undefined> {
    const all = await this.answers(signal)
    const exact = all.find(({ Name }) => Name === ref)
    if (exact !== undefined) return exact
    const found = all.filter(({ Name }) => /^[0-9a-f]{64}$/.test(Name) && beginsId(Name, ref))
    if (found.length < 2) return found[0]
    const names = found.slice(0, mostNamed).map(({ Name }) => Name.slice(0, 12))
    throw fail('volume.ambiguous', { ref, names: names.join(', ') })
  }

  /** Like `find`, but throws NOT_FOUND. */
  async answer(ref: string, signal: AbortSignal): Promise<VolumeAnswer> {
    const answer = await this.find(ref, signal)
    if (answer !== undefined) return answer
    throw fail('volume.notFound', { ref: JSON.stringify(ref.slice(0, 200)) })
  }

  async inspect(ref: string, signal: AbortSignal): Promise<VolumeDetail> {
    const answer = await this.answer(ref, signal)
    const [native, usedBy] = await Promise.all([
      this.#daemon.request(Native, { path: pathOf(answer.Name), signal }),
      this.usersOf(answer.Name, signal),
    ])
    const volume = this.rowOf(answer)
    return { volume, usedBy, size: volume.size ?? null, native }
  }

  /** The containers that mount it, running or not. */
  async usersOf(name: string, signal: AbortSignal): Promise<VolumeUser[]> {
    const query = { all: '1', filters: JSON.stringify({ volume: [name] }) }
    const rows = await this.#daemon.request(ContainerListAnswer, { path: '/containers/json', query, signal })
    const found = await atOnce(rows, ({ Id }) => this.#containers.find(Id, signal))
    return found.flatMap((answer) => (answer === undefined ? [] : toUsers(this.#daemon.id, name, answer)))
  }

  /**
   * Brings its files within reach: its folder on this machine, or what its driver mounts for a container of the agent's own.
   * The caller closes it. Throws NOT_FOUND, UNSUPPORTED with the reason where no container's files are within reach, and
   * CONFLICT for writing into memory that nobody keeps and while the volume is removed. `asked`: for whom, PERMISSION_DENIED
   * where it reaches into the host and they may not; left out for what the engine does of its own.
   */
  async open(ref: string, access: 'read' | 'write', signal: AbortSignal, asked?: Scope): Promise<OpenedVolume> {
    const answer = await this.answer(ref, signal)
    if (asked !== undefined) requireReach(answer, asked)
    const root = await mountPointOf(this.#daemon, answer, signal)
    if (root !== undefined) {
      const release = this.#holds.hold(answer.Name)
      if (release === undefined) throw fail('volume.beingRemoved', { name: answer.Name })
      return plainVolume(answer.Name, root, signal, release)
    }
    if (access === 'write' && answer.Driver === 'local' && answer.Options['type'] === 'tmpfs') {
      const users = await this.usersOf(answer.Name, signal)
      if (!users.some(({ state }) => state === 'running' || state === 'paused')) {
        throw fail('docker.volumeForgets', { name: answer.Name })
      }
    }
    return this.locks.run(`mount:${answer.Name}`, signal, async () => {
      // A removal may have been first: for a container the daemon would make the volume anew, empty.
      const still = await this.answer(answer.Name, signal)
      if (asked !== undefined) requireReach(still, asked)
      return this.#helpers.open(still, access, signal)
    })
  }

  /** Does work on its files, which are within reach until then. */
  async withFiles<T>(
    ref: string,
    access: 'read' | 'write',
    signal: AbortSignal,
    work: (opened: OpenedVolume) => Promise<T>,
    asked?: Scope,
  ): Promise<T> {
    const opened = await this.open(ref, access, signal, asked)
    try {
      return await opened.run(() => work(opened))
    } finally {
      await opened.close()
    }
  }

  /**
   * Walks its files. Its row has the size from then on, unless it reaches into the host: that is told to who asks alone, who must
   * be one that may make such a volume, else PERMISSION_DENIED.
   */
  async measure(ref: string, { signal, scope }: Call): Promise<VolumeSize & { volume: Volume }> {
    const { Name: name } = await this.#reached(ref, { signal, scope })
    const walk = ({ root, signal: walking }: OpenedVolume) => measureFolder(root, walking)
    const sizeBytes = await this.walks.run(name, signal, (shared) => this.withFiles(name, 'read', shared, walk, scope))
    const size = { sizeBytes, measuredAt: new Date().toISOString() }
    const answer = await this.#reached(name, { signal, scope }) // the walk may have been begun for somebody else
    if (!reachesHost(answer)) this.#sizes.set(answer, size)
    return { ...size, volume: this.rowOf(answer) }
  }

  /** Like `answer`, for one that who calls may look into. */
  async #reached(ref: string, { signal, scope }: Pick<Call, 'signal' | 'scope'>): Promise<VolumeAnswer> {
    const answer = await this.answer(ref, signal)
    requireReach(answer, scope)
    return answer
  }

  /** The same operation id gives the same volume. Throws ALREADY_EXISTS where another has the name. */
  create(input: NewVolume, call: Call): Promise<VolumeChange> {
    return this.locks.run(`name:${input.name}`, call.signal, async () => {
      const before = await this.find(input.name, call.signal)
      const isThere = before?.Name === input.name
      if (isThere && !isOf(before, call.operationId)) throw nameTaken(input.name)
      return { volume: this.rowOf(isThere ? before : await this.#make(input, marksOf(call), call.signal)) }
    })
  }

  /** Throws ALREADY_EXISTS where somebody was first: Docker answers with a volume that is there as with one that it makes. */
  async #make({ name, labels }: NewVolume, own: Marks, signal: AbortSignal): Promise<VolumeAnswer> {
    const body = { Name: name, Driver: 'local', Labels: { ...labels, ...own } }
    const post = { method: 'POST' as const, path: '/volumes/create', body, signal }
    const made = await this.#daemon.request(VolumeAnswer, post)
    if (!isOwn(made, own)) throw nameTaken(name)
    return made
  }

  /**
   * A copy of another's files. What fails or is cancelled leaves nothing. The same operation id gives the same volume, with what
   * was changed in it since. Throws ALREADY_EXISTS where another has the name, whose files are left alone.
   */
  clone(input: VolumeCloneInput, call: Call): Promise<VolumeChange> {
    return this.locks.run(`clone:${input.name}`, call.signal, async () => {
      const before = await this.#cloned(input.name, call)
      return before === undefined ? this.#clone(input, call) : { volume: this.rowOf(before) }
    })
  }

  /** The copy that the operation has made before. What it left unfinished goes; where somebody mounts that, CONFLICT. */
  async #cloned(name: string, { operationId, signal }: Call): Promise<VolumeAnswer | undefined> {
    const before = await this.find(name, signal)
    if (before?.Name !== name) return undefined
    const state = isOf(before, operationId) ? await this.#clones.stateOf(operationId) : 'left'
    if (state === 'whole') return before
    if (state === 'left') throw nameTaken(name)
    await this.#removeOwn(name, before.Labels, signal)
    return undefined
  }

  async #clone(input: VolumeCloneInput, call: Call): Promise<VolumeChange> {
    const { labels } = toVolume(this.#daemon.id, await this.answer(input.id, call.signal))
    const wanted = { ...input, labels: input.labels ?? labels }
    return this.withFiles(input.id, 'read', call.signal, (source) => this.#copy(source, wanted, call), call.scope)
  }

  async #copy(source: OpenedVolume, input: NewVolume, call: Call): Promise<VolumeChange> {
    const [{ name }, { operationId }, own] = [input, call, marksOf(call)]
    await this.#clones.begin(name, operationId)
    this.#failurePoint('docker.volumes.clone.noted')
    try {
      const made = await this.#make(input, own, call.signal)
      this.#failurePoint('docker.volumes.clone.made')
      await this.withFiles(name, 'write', source.signal, ({ root, signal }) => copyTree(source.root, root, signal))
      this.#failurePoint('docker.volumes.clone.copied')
      await this.#clones.end(operationId)
      this.#failurePoint('docker.volumes.clone.done')
      return { volume: this.rowOf(made) }
    } catch (error) {
      await this.#takeBack(name, own, operationId)
      throw error
    }
  }

  /** What cannot be removed now is a later agent's, or the same operation's; what somebody mounts by now is theirs. */
  async #takeBack(name: string, own: Marks, operation: string): Promise<void> {
    try {
      await this.#removeOwn(name, own, AbortSignal.timeout(undoMs))
      await this.#clones.end(operation)
    } catch (error) {
      if (dockerError(error).kind === 'volume.inUse') await this.#clones.leave(name, operation)
    }
  }

  /** Removes the volume of this name where it is the one with these marks: it may be another's, or have become that. */
  async #removeOwn(name: string, own: Marks, signal: AbortSignal): Promise<void> {
    const before = await this.find(name, signal)
    if (before?.Name !== name || !isOwn(before, own)) return
    await this.remove(name, signal, async () => {
      const now = await this.find(name, signal)
      if (now !== undefined && !isOwn(now, own)) throw nameTaken(name)
    })
  }

  /**
   * Idempotent: a volume's name is its id. Throws CONFLICT that names the containers that mount it, running or not. What the
   * agent itself reads or writes there is waited for a while, then CONFLICT. `judge` is asked at the last moment, and throws
   * where the volume must stay.
   */
  async remove(ref: string, signal: AbortSignal, judge = () => Promise.resolve()): Promise<void> {
    const answer = await this.find(ref, signal)
    if (answer === undefined) return
    const { Name: name } = answer
    await this.locks.run(`mount:${name}`, signal, () => this.#removeUnused(name, judge, signal))
    this.gone(name)
  }

  async #removeUnused(name: string, judge: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const enough = withDeadline(signal, helpersMs)
    const release = await this.#holds.claim(name, enough)
    try {
      for (;;) {
        const users = await this.usersOf(name, signal)
        if (users.length > 0) throw inUse(name, users)
        await judge()
        if (release !== undefined && (await this.#hasRemoved(name, signal))) return
        signal.throwIfAborted()
        if (enough.aborted) throw fail('volume.busy', { name })
        await pause(againMs, enough)
      }
    } finally {
      release?.()
    }
  }

  /** False where the daemon has a container that mounts it: nobody is told which, for it may be the agent's own. */
  async #hasRemoved(name: string, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#daemon.request(z.unknown(), { method: 'DELETE', path: pathOf(name), signal })
    } catch (error) {
      const failure = dockerError(error)
      if (failure.kind === 'volume.inUse') return false
      if (failure.code !== 'NOT_FOUND') throw failure
    }
    return true
  }
}

const marksOf = ({ operationId }: Call): Marks => ({
  ...{ [operationLabel]: operationId, [createdLabel]: new Date().toISOString() },
})

const isOwn = ({ Labels }: VolumeAnswer, own: Marks): boolean =>
  [operationLabel, createdLabel].every((label) => Labels[label] !== undefined && Labels[label] === own[label])

const isOf = ({ Labels }: VolumeAnswer, operation: string): boolean =>
  operation !== '' && Labels[operationLabel] === operation

const nameTaken = (name: string): FlotillaError => fail('volume.nameTaken', { name }, { field: ['name'] })

/** Docker's names hold no more than letters, digits and `_.-`, but a driver's may. */
const pathOf = (name: string): string => `/volumes/${encodeURIComponent(name)}`

function inUse(name: string, users: readonly VolumeUser[]): FlotillaError {
  const objects = namedContainers(users.map(({ id }) => id))
  return fail('volume.inUse', { name, count: users.length }, { objects })
}
