import { rm, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type DiskRoom, reserveOf, roomOn } from './disk-room.ts'
import { run } from './run.ts'

const lookEveryMs = 1000
/** With less than this a disk is full. Sooner would be for those alone who go on filling it: most end when they find it full. */
const emptyBytes = 1024 ** 2
/** What ext4 never gives away, at most a fiftieth of it (reserved_clusters of /sys/fs/ext4): all others are full before that. */
const nobodysBytes = 16 * 1024 ** 2
/** After a try to make it that failed, as on a file system that cannot set blocks aside. */
const tryAgainMs = 60_000

export interface ReserveOptions {
  /** The file that holds the blocks; its folder is there. */
  path: string
  /** How large it is; left out: in proportion to the disk. 0: there is none. */
  bytes?: number | undefined
  /** Called when it was released, and when it is there again. */
  onChange?: (held: boolean, room: DiskRoom) => void
  /** Called when it could not be made, or its disk not be looked at; once for each reason. */
  onTrouble?: (error: unknown) => void
}

/**
 * Blocks of a disk that are set aside in a file while there is room, and given back when others have filled the disk: those who cannot
 * go on without a little of it find that. It is made again when there is room for it, the floor and as much again.
 */
export class DiskReserve {
  readonly #options: ReserveOptions
  #held = 0
  #look: Promise<DiskRoom> | undefined
  #timer: NodeJS.Timeout | undefined
  #notBefore = 0
  #trouble = ''
  readonly #stop = new AbortController()

  constructor(options: ReserveOptions) {
    this.#options = options
  }

  /** Looks now, and each second from now on until `close`. What an earlier process left counts. */
  async open(): Promise<void> {
    this.#held = await blocksOf(this.#options.path)
    const look = () => this.look().catch((error: unknown) => this.#tell(error))
    await look()
    this.#timer = setInterval(() => void look(), lookEveryMs)
    this.#timer.unref()
  }

  /** The file stays: the next process finds it. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#stop.abort()
    await this.#look?.catch(() => {}) // was told where it was asked for
  }

  /** How the disk stood when it was last looked at. */
  room: DiskRoom | undefined

  get isHeld(): boolean {
    return this.#held > 0
  }

  /** How the disk stands, after the reserve was released or made where it was time to. Throws what the file system throws. */
  look(): Promise<DiskRoom> {
    return (this.#look ??= this.#settle().finally(() => (this.#look = undefined)))
  }

  async #settle(): Promise<DiskRoom> {
    const { path, onChange } = this.#options
    const folder = dirname(path)
    const { blocks, bsize, bfree, bavail } = await statfs(folder)
    const wanted = this.#options.bytes ?? reserveOf(blocks * bsize)
    const before = this.isHeld
    // The last blocks of many file systems are for root alone, whose containers take them too, and the very last are nobody's.
    const freeBytes =
      process.getuid?.() === 0 ? bfree * bsize - Math.min(nobodysBytes, (blocks * bsize) / 50) : bavail * bsize
    if (before && freeBytes < Math.min(emptyBytes, wanted / 4)) await this.#release()
    else if (!before && wanted > 0) await this.#make(folder, wanted)
    const room = await roomOn(folder, this.isHeld ? 0 : wanted)
    this.room = room
    if (this.isHeld !== before) onChange?.(this.isHeld, room)
    return room
  }

  async #release(): Promise<void> {
    await rm(this.#options.path, { force: true })
    this.#held = 0
  }

  async #make(folder: string, bytes: number): Promise<void> {
    const { path } = this.#options
    const { freeBytes, floorBytes } = await roomOn(folder, bytes)
    if (this.#stop.signal.aborted || freeBytes < floorBytes + bytes || performance.now() < this.#notBefore) return
    try {
      await rm(path, { force: true })
      const program = ['fallocate', '--length', String(bytes), path]
      const { exitCode, stderr } = await run(program, { signal: this.#stop.signal })
      if (exitCode !== 0) throw new Error(stderr.trim())
      this.#held = bytes
      this.#trouble = ''
    } catch (error) {
      this.#notBefore = performance.now() + tryAgainMs
      await rm(path, { force: true })
      if (!this.#stop.signal.aborted) this.#tell(error)
    }
  }

  #tell(error: unknown): void {
    const words = error instanceof Error ? error.message : String(error)
    if (words === this.#trouble) return
    this.#trouble = words
    this.#options.onTrouble?.(error)
  }
}

async function blocksOf(path: string): Promise<number> {
  return stat(path).then(
    ({ blocks }) => blocks * 512,
    () => 0, // there is none yet
  )
}
