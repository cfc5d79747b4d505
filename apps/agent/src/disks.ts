import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine } from '@flotilla/engine'
import { type DiskRoom, diskFull, DiskReserve, isDiskFull, isNoSpace, reserveOf, roomOn } from '@flotilla/host'
import type { Logger } from '@flotilla/log'
import { FlotillaError } from '@flotilla/protocol'

/** As the parts of an engine say that a disk was full, each in its own words. */
const saysFull = /^\w+\.diskFull$/

interface DisksOptions {
  /** The agent's own folder. */
  dataDir: string
  /** Of its reserve; left out: in proportion to the disk. */
  reserveBytes?: number | undefined
  log: Logger
}

/** The disks that this host's engines fill: what is kept of them for what runs, and what is said where there is no more. */
export class Disks {
  readonly #dataDir: string
  readonly #reserveBytes: number | undefined
  readonly #reserve: DiskReserve

  constructor({ dataDir, reserveBytes, log }: DisksOptions) {
    this.#dataDir = dataDir
    this.#reserveBytes = reserveBytes
    this.#reserve = new DiskReserve({
      path: join(dataDir, 'reserve'),
      bytes: reserveBytes,
      onChange(held, room) {
        if (held) log.info({ room }, 'there is room on the disk: the reserve is held again')
        else log.warn({ room }, 'the disk is full: the reserve was released')
      },
      onTrouble: (error) => log.warn({ err: error }, 'no room of the disk can be set aside'),
    })
  }

  /** Holds the reserve, and looks at it from now on. */
  open(): Promise<void> {
    return this.#reserve.open()
  }

  close(): Promise<void> {
    return this.#reserve.close()
  }

  /** Of the disk of the agent's own folder. */
  async own(): Promise<DiskRoom> {
    return roomOn(this.#dataDir, await this.#missing())
  }

  /** Throws RESOURCE_EXHAUSTED where the engine's disk has no more than what is left to what runs. */
  async need(engine: Engine): Promise<void> {
    const folder = engine.storage?.()
    const room = folder === undefined ? undefined : await this.#roomOf(folder)
    if (folder !== undefined && room?.isFull === true) throw diskFull(folder, room)
  }

  /** What an engine met on a full disk, in the one sentence that names the disk; any other error as it is. */
  async inWords(engine: Engine, error: unknown): Promise<unknown> {
    const folder = engine.storage?.()
    if (folder === undefined || !isOfFull(error)) return error
    // The disk may be full, and the agent itself be what needs the reserve.
    await this.#reserve.look().catch(() => {}) // how its disk stands is asked for next
    const room = await this.#roomOf(folder)
    if (room === undefined || (isNoFolder(error) && !room.isFull)) return error
    return diskFull(folder, room, error)
  }

  /** Undefined where this host has no such folder, as that of a daemon in a world of its own. */
  async #roomOf(folder: string): Promise<DiskRoom | undefined> {
    try {
      const [its, own] = await Promise.all([stat(folder), stat(this.#dataDir)])
      return await roomOn(folder, its.dev === own.dev ? await this.#missing() : 0)
    } catch {
      return undefined
    }
  }

  /** What the reserve is to take again once there is room: nobody else's. */
  async #missing(): Promise<number> {
    if (this.#reserve.isHeld) return 0
    return this.#reserveBytes ?? reserveOf((await roomOn(this.#dataDir)).totalBytes)
  }
}

/** A recursive mkdir of Node's says on a full disk that what it was to make is not there. */
function isNoFolder(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, syscall } = error as NodeJS.ErrnoException
  return code === 'ENOENT' && syscall === 'mkdir'
}

function isOfFull(error: unknown): boolean {
  if (isNoSpace(error) || isNoFolder(error)) return true
  if (!(error instanceof FlotillaError)) return error instanceof Error && isDiskFull(error.message)
  if (saysFull.test(error.kind ?? '')) return true
  return error.code === 'INTERNAL' && (isNoSpace(error.cause) || isDiskFull(`${error.message} ${error.detail ?? ''}`))
}
