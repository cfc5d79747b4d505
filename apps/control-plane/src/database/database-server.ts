import { join } from 'node:path'
import { pause } from '@flotilla/async'
import { type DatabaseTrouble, databaseTrouble } from '@flotilla/db'
import { diskFull, DiskReserve, isDiskFull } from '@flotilla/host'
import type { Logger } from '@flotilla/log'
import { type FlotillaError, fail, toFlotillaError } from '@flotilla/protocol'
import { Client } from 'pg'
import { away, type DatabaseHealth } from './database-health.ts'
import { type EmbeddedOptions, type EmbeddedPostgres, prepareFolder, startEmbedded } from './embedded.ts'
import { makeOwnRoom } from './own-room.ts'

const [firstWaitMs, longestWaitMs] = [250, 10_000]
const answerMs = 5000
/** When the database gets room of its own: not while the start keeps the host busy, and as it grows. */
const [roomAfterMs, roomEveryMs] = [5000, 300_000]

interface ServerOptions {
  health: DatabaseHealth
  log: Logger
  /** Of the reserve of an embedded one's disk; left out: in proportion to the disk. */
  reserveBytes: number | undefined
}

/** A database server that comes back: while it is away it is tried again, after waits that grow to ten seconds, for ever. */
export abstract class DatabaseServer {
  abstract readonly url: string
  protected readonly health: DatabaseHealth
  protected readonly stopping = new AbortController()
  #waiting: Promise<void> | undefined

  constructor({ health }: ServerOptions) {
    this.health = health
  }

  /** Starts it where it is ours. Throws where it is not there now. */
  protected abstract tryStart(): Promise<void>
  protected abstract end(): Promise<void>
  /** Why it is away, for people, where this is no trouble that another try could not end: then undefined. */
  protected reasonOf(error: unknown): Promise<FlotillaError | undefined> {
    const known = toFlotillaError(error)
    const isPassing = known.code === 'UNAVAILABLE' || known.code === 'TIMEOUT'
    const words = fail('database.unreachable', {}, { cause: error, detail: known.detail ?? known.message })
    return Promise.resolve(isPassing ? known : databaseTrouble(error) === undefined ? undefined : words)
  }

  /**
   * Settles when the work was done with a server that is there. What another try would not end is thrown, as is the signal's
   * reason.
   */
  async first(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
      try {
        signal.throwIfAborted()
        await this.tryStart()
        await work()
        return this.health.back()
      } catch (error) {
        const why = signal.aborted ? undefined : await this.reasonOf(error)
        if (why === undefined) throw error
        this.health.lost(why)
        await pause(waitMs, signal)
      }
    }
  }

  /** What is told of a query that the database itself kept from being answered. */
  trouble(trouble: DatabaseTrouble, error: unknown): FlotillaError {
    if (trouble === 'full') return this.full(error)
    this.lost(error)
    const why = fail('database.unreachable', {}, { cause: error })
    return this.health.trouble ?? away(new Date(), why)
  }

  protected full(error: unknown): FlotillaError {
    return fail('database.diskFull', {}, { cause: error })
  }

  /** It was seen to be away: it is waited for, by one at a time. */
  lost(error: unknown): void {
    if (this.stopping.signal.aborted) return
    this.#waiting ??= this.#wait(error).finally(() => (this.#waiting = undefined))
  }

  async #wait(error: unknown): Promise<void> {
    const { signal } = this.stopping
    let seen = error
    for (let waitMs = firstWaitMs; !signal.aborted; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
      this.health.lost((await this.reasonOf(seen)) ?? toFlotillaError(seen))
      try {
        await this.tryStart()
        await answers(this.url)
        return this.health.back()
      } catch (thrown) {
        seen = thrown
        await pause(waitMs, signal)
      }
    }
  }

  async close(): Promise<void> {
    this.stopping.abort()
    await this.#waiting
    await this.end()
  }
}

/** One that somebody else runs. */
export class OutsideServer extends DatabaseServer {
  readonly url: string

  constructor(options: ServerOptions & { url: string }) {
    super(options)
    this.url = options.url
  }

  protected tryStart(): Promise<void> {
    return Promise.resolve()
  }

  protected end(): Promise<void> {
    return Promise.resolve()
  }
}

/** The one of the package, which is started anew when it ends. It has a reserve of its disk, which may be another than the agent's. */
export class EmbeddedServer extends DatabaseServer {
  readonly #options: EmbeddedOptions
  readonly #reserve: DiskReserve
  #isOpened = false
  #makingRoom = Promise.resolve()
  #endRooms = () => {}
  #running: EmbeddedPostgres | undefined
  #url = ''

  constructor({ log, reserveBytes, health, ...options }: ServerOptions & Omit<EmbeddedOptions, 'log'>) {
    super({ health, log, reserveBytes })
    this.#options = { ...options, log }
    this.#reserve = new DiskReserve({
      path: join(options.folder, 'reserve'),
      bytes: reserveBytes,
      onChange(held, room) {
        if (held) log.info({ room }, "there is room on the database's disk: the reserve is held again")
        else log.warn({ room }, "the database's disk is full: the reserve was released")
      },
      onTrouble: (error) => log.warn({ err: error }, "no room of the database's disk can be set aside"),
    })
  }

  get url(): string {
    return this.#url
  }

  protected async tryStart(): Promise<void> {
    await this.#openReserve()
    if (this.#running !== undefined) return
    const running = await startEmbedded(this.#options)
    this.#url = running.url
    this.#running = running
    const rooms = setTimeout(() => void this.#ownRoom(), roomAfterMs)
    const again = setInterval(() => void this.#ownRoom(), roomEveryMs)
    for (const timer of [rooms, again]) timer.unref()
    this.#endRooms = () => {
      clearTimeout(rooms)
      clearInterval(again)
    }
    void running.failed.then((error) => {
      this.#running = undefined
      this.#endRooms()
      this.lost(error)
    })
  }

  /** While there is room; what fails is tried again the next time. */
  async #ownRoom(): Promise<void> {
    if (!this.#reserve.isHeld) return
    const { folder, log } = this.#options
    this.#makingRoom = makeOwnRoom(this.#url, join(folder, 'data'), this.stopping.signal).then(
      () => log.info('the database has room of its own on its disk'),
      (error: unknown) => {
        if (!this.stopping.signal.aborted) log.warn({ err: error }, 'the database has no room of its own on its disk')
      },
    )
    await this.#makingRoom
  }

  /** Once; whoever comes later finds that it looks at the disk as it is now. */
  async #openReserve(): Promise<void> {
    if (this.#isOpened) {
      await this.#reserve.look().catch(() => {}) // how the disk stands is told by what fails there
      return
    }
    this.#isOpened = true
    await prepareFolder(this.#options)
    await this.#reserve.open()
  }

  protected override full(error: unknown): FlotillaError {
    const { room } = this.#reserve
    return room === undefined ? super.full(error) : diskFull(this.#options.folder, room, error)
  }

  protected override async reasonOf(error: unknown): Promise<FlotillaError | undefined> {
    const { message, detail = '', code } = toFlotillaError(error)
    const room = await this.#reserve.look().catch(() => undefined)
    if (isDiskFull(`${message} ${detail}`) && room !== undefined) return diskFull(this.#options.folder, room, error)
    if (code === 'INTERNAL' && room?.isFull === true) return diskFull(this.#options.folder, room, error)
    return super.reasonOf(error)
  }

  protected async end(): Promise<void> {
    this.#endRooms()
    await this.#makingRoom
    await this.#reserve.close()
    const running = this.#running
    this.#running = undefined
    await running?.stop()
  }
}

async function answers(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: answerMs, query_timeout: answerMs })
  try {
    await client.connect()
    await client.query('SELECT 1')
  } finally {
    await client.end().catch(() => undefined) // it may never have been connected
  }
}
