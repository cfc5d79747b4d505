import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '@flotilla/files'
import { removeUnfinished, syncFolder, writeFileAtomic } from '@flotilla/host'
import { z } from 'zod'
import { operationLabel } from '../containers/container-map.ts'
import type { Daemon } from '../daemon.ts'
import { dockerError } from '../docker-error.ts'
import type { EngineLog } from '../engine-log.ts'
import { VolumeListAnswer } from './volume-answers.ts'

/** `isLeft`: somebody used it before it was whole. */
const Note = z.object({ volume: z.string(), operation: z.string(), isLeft: z.boolean().default(false) })
type Note = z.infer<typeof Note>

interface Parts {
  daemon: Daemon
  /** Durable, root's alone. */
  dir: string
  log: EngineLog
}

/** Copies of volumes that are being made, noted so that a later agent takes away what one that died left half copied. */
export class VolumeClones {
  readonly #parts: Parts
  readonly #notes: string

  constructor(parts: Parts) {
    this.#parts = parts
    this.#notes = join(parts.dir, 'clones')
  }

  /**
   * A copy is begun: until `end` it is unfinished, whatever becomes of this agent or of the machine's power. Without an operation
   * nothing would tell it from another's volume of its name: then none is noted.
   */
  async begin(volume: string, operation: string): Promise<void> {
    await mkdir(this.#notes, { recursive: true, mode: 0o700 })
    await this.#write({ volume, operation, isLeft: false })
  }

  /** It is whole, or gone. Once this has answered it is never taken for unfinished again. */
  async end(operation: string): Promise<void> {
    if (operation === '') return
    await rm(this.#noteOf(operation), { force: true })
    await syncFolder(this.#notes)
  }

  /** It is not whole, and somebody uses it as it is: nobody takes it away from them. */
  async leave(volume: string, operation: string): Promise<void> {
    await this.#write({ volume, operation, isLeft: true })
  }

  /** What the operation's volume is, where there is one: without a note it is whole. */
  async stateOf(operation: string): Promise<'whole' | 'unfinished' | 'left'> {
    const text = await readFile(this.#noteOf(operation), 'utf8').catch((error: unknown) => {
      if (hasCode(error, ['ENOENT'])) return ''
      throw error
    })
    const note = parsed(text)
    if (note === undefined) return 'whole'
    return note.isLeft ? 'left' : 'unfinished'
  }

  async #write(note: Note): Promise<void> {
    if (note.operation === '') return
    await writeFileAtomic(this.#noteOf(note.operation), JSON.stringify(note), { durable: true })
  }

  #noteOf(operation: string): string {
    return join(this.#notes, createHash('sha256').update(operation).digest('hex'))
  }

  /** Takes away what was left. Call it once, before any copy; what cannot be removed now is left to the next start. */
  async recover(signal: AbortSignal): Promise<void> {
    for (const name of await namesIn(this.#notes)) {
      const note = join(this.#notes, name)
      try {
        const copy = parsed(await readFile(note, 'utf8'))
        if (copy === undefined || (await this.#isGone(copy, signal))) await rm(note, { force: true })
      } catch (error) {
        this.#parts.log.warn({ err: error, note }, 'a half-copied volume could not be taken away')
      }
    }
  }

  /** By its operation's mark: the name alone may be another's, who had it first or took it since. */
  async #isGone({ volume, operation, isLeft }: Note, signal: AbortSignal): Promise<boolean> {
    const { daemon } = this.#parts
    const query = { filters: JSON.stringify({ label: [`${operationLabel}=${operation}`] }) }
    const { Volumes } = await daemon.request(VolumeListAnswer, { path: '/volumes', query, signal })
    if (!Volumes.some(({ Name }) => Name === volume)) return true
    if (isLeft) return false
    const path = `/volumes/${encodeURIComponent(volume)}`
    try {
      await daemon.request(z.unknown(), { method: 'DELETE', path, signal })
    } catch (error) {
      const { code } = dockerError(error)
      if (code === 'CONFLICT') await this.leave(volume, operation)
      else if (code !== 'NOT_FOUND') throw error
      return code === 'NOT_FOUND'
    }
    return true
  }
}

/** A note that was itself half written is of a copy that was not begun. */
function parsed(text: string): Note | undefined {
  try {
    return Note.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** The notes that are whole; what a writer of one left in the middle goes. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    await removeUnfinished(folder)
    return await readdir(folder)
  } catch (error) {
    if (hasCode(error, ['ENOENT'])) return []
    throw error
  }
}
