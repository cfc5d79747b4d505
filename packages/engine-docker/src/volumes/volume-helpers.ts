import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { orAborted, Turns, withDeadline } from '@flotilla/async'
import type { FailurePoint } from '@flotilla/engine'
import { oPath, outsidePath, ownPath } from '@flotilla/files'
import { fail } from '@flotilla/protocol'
import { z } from 'zod'
import { helperLabel, helperName, isHelper } from '../containers/helper-container.ts'
import { cgroupOf } from '../containers/kernel.ts'
import type { EngineLog } from '../engine-log.ts'
import type { Daemon } from '../daemon.ts'
import { ContainerAnswer, ContainerListAnswer, ImageAnswer } from '../docker-answers.ts'
import { dockerError } from '../docker-error.ts'
import { isOwnerGone, ownOwner } from '../owner.ts'
import { helperTarget, type HelperImage } from './helper-image.ts'
import type { OpenedVolume } from './opened-volume.ts'
import type { VolumeAnswer } from './volume-answers.ts'

const ownerLabel = 'io.flotilla.agent'
/** A driver that hangs holds a thread of the process for each call: two of its four, no more, ever wait for one. */
const mostAtOnce = 2
const mostWaiting = 20
const requestMs = 60_000
const closeMs = 10_000
/** However long a download takes. */
const longestMs = 3_600_000

interface Parts {
  daemon: Daemon
  image: HelperImage | undefined
  failurePoint: FailurePoint
  log: EngineLog
}

/**
 * Containers that keep a volume mounted while its files are read or written from outside of them: the daemon's way to what a
 * driver holds. They have no program but one that sleeps, no network, no capability; the walk is the agent's own, which enters
 * through `/proc`. Each belongs to a call and ends with it, whatever way that ends; a later agent ends those of one that died.
 */
export class VolumeHelpers {
  readonly #parts: Parts
  readonly #turns = new Turns(mostAtOnce, mostWaiting, () => fail('docker.helpersBusy'))
  /** What is being ended. */
  readonly #ending = new Set<Promise<void>>()
  #hasLoaded = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Whether an image is the helpers' own, which nobody is told of. */
  isImage(id: string): boolean {
    return id === this.#parts.image?.id
  }

  /** Throws UNSUPPORTED where no helper runs here or the agent does not see it, UNAVAILABLE where too many do. */
  async open(volume: VolumeAnswer, access: 'read' | 'write', signal: AbortSignal): Promise<OpenedVolume> {
    const within = withDeadline(signal, longestMs)
    const release = await this.#turn(within)
    const name = helperName()
    const starting = this.#start(name, volume, access === 'read', within)
    try {
      const top = await orAborted(starting, within)
      return this.#opened({ name, volume: volume.Name, top, release, signal: within })
    } catch (error) {
      const end = async () => {
        await (await starting.catch(() => undefined))?.close()
        await this.#remove(name)
      }
      // Whoever waits no more is not kept until the daemon has come to an end with it.
      const ended = this.#track(end().finally(release))
      if (!within.aborted) await ended
      throw dockerError(error)
    }
  }

  /** Ends what an agent that died left. */
  async recover(signal: AbortSignal): Promise<void> {
    const query = { all: '1', filters: JSON.stringify({ label: [helperLabel] }) }
    const { daemon } = this.#parts
    for (const { Names, Labels } of await daemon.request(ContainerListAnswer, {
      ...{ path: '/containers/json', query, signal },
    })) {
      const name = Names.find((one) => isHelper(one, Labels))?.slice(1)
      if (name !== undefined && (await isOwnerGone(Labels[ownerLabel] ?? ''))) await this.#remove(name)
    }
    await this.#removeImage()
  }

  /** Ends when all helpers have ended, or soon where a driver hangs; takes their image away. */
  async close(): Promise<void> {
    await orAborted(Promise.all(this.#ending), AbortSignal.timeout(closeMs)).catch(() => {}) // what hangs has no end to wait for
    if (this.#hasLoaded) await this.#removeImage()
  }

  #opened(one: {
    name: string
    volume: string
    top: FileHandle
    release: () => void
    signal: AbortSignal
  }): OpenedVolume {
    const busy = new Set<Promise<void>>()
    const { top, signal } = one
    const run = <T>(work: () => Promise<T>): Promise<T> => {
      const working = work()
      const settled: Promise<void> = working
        .then(
          () => {},
          () => {}, // whoever asked for the work is told
        )
        .finally(() => busy.delete(settled))
      busy.add(settled)
      return orAborted(working, signal)
    }
    const close = async () => {
      // What still works there keeps the descriptor, whose number must not be another's before it has ended, and the turn.
      const letGo = Promise.all(busy).then(() => top.close())
      const removed = busy.size === 0 ? letGo.then(() => this.#remove(one.name)) : this.#remove(one.name)
      void this.#track(
        Promise.all([letGo, removed])
          .then(
            () => {},
            () => {},
          )
          .finally(one.release),
      )
      await removed
    }
    return { name: one.volume, root: `${outsidePath(ownPath(top))}/.`, signal, run, close }
  }

  /** Makes and starts one, and pins the top of the volume in it. It is the caller's to remove, also where this fails. */
  async #start(name: string, volume: VolumeAnswer, readOnly: boolean, signal: AbortSignal): Promise<FileHandle> {
    const { daemon, image, failurePoint } = this.#parts
    if (image === undefined) throw fail('docker.noHelper', { name: volume.Name, processor: process.arch })
    await this.#load(image)
    failurePoint('docker.volumes.helper.loaded')
    const body = createBody(volume.Name, { name, image: image.id, owner: await ownOwner(), readOnly })
    // Not cut off with the call: whether the daemon then made it would be unknown, and it could not be removed.
    const post = { method: 'POST' as const, signal: AbortSignal.timeout(requestMs) }
    signal.throwIfAborted()
    await daemon.request(z.unknown(), { ...post, path: '/containers/create', query: { name }, body })
    failurePoint('docker.volumes.helper.created')
    signal.throwIfAborted()
    await daemon.request(z.unknown(), { ...post, path: `/containers/${name}/start` })
    failurePoint('docker.volumes.helper.started')
    const { Id, State } = await daemon.request(ContainerAnswer, { path: `/containers/${name}/json`, signal })
    const top = await pinTop(Id, State.Pid)
    failurePoint('docker.volumes.helper.pinned')
    return top
  }

  /** Whoever prunes images may take it away at any time. */
  async #load(image: HelperImage): Promise<void> {
    const { daemon } = this.#parts
    const signal = AbortSignal.timeout(requestMs)
    this.#hasLoaded = true
    try {
      await daemon.request(ImageAnswer, { path: `/images/${image.id}/json`, signal })
    } catch (error) {
      if (dockerError(error).code !== 'NOT_FOUND') throw error
      const options = { abortSignal: signal }
      const answer = await daemon.docker
        .loadImage(Readable.from([image.archive]), options)
        .catch((failure: unknown) => {
          throw dockerError(failure)
        })
      for await (const _ of answer) signal.throwIfAborted() // it is there when the answer has ended
    }
  }

  async #turn(signal: AbortSignal): Promise<() => void> {
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const begun = new Promise<void>((resolve, reject) => {
      const hold = () => {
        resolve()
        return held
      }
      this.#turns.run(hold).catch(reject)
    })
    try {
      await orAborted(begun, signal)
    } catch (error) {
      release()
      throw error
    }
    return release
  }

  #track(work: Promise<void>): Promise<void> {
    const tracked = work.finally(() => this.#ending.delete(tracked))
    this.#ending.add(tracked)
    return tracked
  }

  /** Never throws: what cannot be removed now is a later agent's to remove. */
  async #remove(name: string): Promise<void> {
    const { daemon, log } = this.#parts
    const signal = AbortSignal.timeout(requestMs)
    try {
      await daemon.request(z.unknown(), {
        ...{ method: 'DELETE', path: `/containers/${name}`, query: { force: '1' }, signal },
      })
    } catch (error) {
      if (dockerError(error).code !== 'NOT_FOUND') {
        log.warn({ err: error, engine: daemon.id, container: name }, 'a container of the agent’s own was not removed')
      }
    }
  }

  /** It stays where another agent's helper runs from it. */
  async #removeImage(): Promise<void> {
    const { daemon, image, log } = this.#parts
    if (image === undefined) return
    const signal = AbortSignal.timeout(requestMs)
    try {
      await daemon.request(z.unknown(), { method: 'DELETE', path: `/images/${image.id}`, signal })
    } catch (error) {
      if (!['NOT_FOUND', 'CONFLICT', 'UNAVAILABLE'].includes(dockerError(error).code)) {
        log.warn({ err: error, engine: daemon.id }, 'the image of the agent’s own containers was not removed')
      }
    }
  }
}

/** The volume's folder as the container has it. Throws UNSUPPORTED where its process is not on this machine. */
async function pinTop(id: string, pid: number): Promise<FileHandle> {
  if (pid === 0 || (await cgroupOf(id, pid)) === null) throw fail('docker.volumesOutOfSight')
  const top = await open(`/proc/${pid}/root${helperTarget}`, oPath | constants.O_DIRECTORY).catch(() => undefined)
  // The number may have become another's in between.
  if (top !== undefined && (await cgroupOf(id, pid)) !== null) return top
  await top?.close()
  throw fail('docker.volumesOutOfSight')
}

function createBody(
  volume: string,
  helper: { name: string; image: string; owner: string; readOnly: boolean },
): Record<string, unknown> {
  const { name, image, owner, readOnly } = helper
  return {
    ...{ Image: image, Hostname: 'volume', NetworkDisabled: true },
    Labels: { [helperLabel]: name, [ownerLabel]: owner },
    HostConfig: {
      ...{ NetworkMode: 'none', IpcMode: 'private', ReadonlyRootfs: true, LogConfig: { Type: 'none' } },
      ...{ CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'], Memory: 64 * 1024 * 1024, PidsLimit: 64 },
      Mounts: [
        { Type: 'volume', Source: volume, Target: helperTarget, ReadOnly: readOnly, VolumeOptions: { NoCopy: true } },
      ],
    },
  }
}
