import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '@flotilla/files'
import { z } from 'zod'
import { operationLabel } from '../containers/container-map.ts'
import type { Daemon } from '../daemon.ts'
import { dockerError } from '../docker-error.ts'
import type { EngineLog } from '../engine-log.ts'
import { VolumeListAnswer } from './volume-answers.ts'

const Note = z.object({ volume: z.string(), operation: z.string() })

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

  /** Makes the copy. Without an operation nothing would tell it from another's volume of its name: then none is noted. */
  async noted<T>(volume: string, operation: string, work: () => Promise<T>): Promise<T> {
    if (operation === '') return work()
    const note = join(this.#notes, createHash('sha256').update(operation).digest('hex'))
    await mkdir(this.#notes, { recursive: true, mode: 0o700 })
    await writeFile(note, JSON.stringify({ volume, operation }), { mode: 0o600 })
    try {
      const done = await work()
      await rm(note, { force: true })
      return done
    } catch (error) {
      // With the daemon away, what was copied could not be removed: a later agent does.
      if (dockerError(error).code !== 'UNAVAILABLE') await rm(note, { force: true })
      throw error
    }
  }

  /** Takes away what was left. Call it once, before any copy; what cannot be removed now is left to the next start. */
  async recover(signal: AbortSignal): Promise<void> {
    for (const name of await namesIn(this.#notes)) {
      const note = join(this.#notes, name)
      try {
        const copy = parsed(await readFile(note, 'utf8'))
        if (copy !== undefined) await this.#remove(copy, signal)
        await rm(note, { force: true })
      } catch (error) {
        this.#parts.log.warn({ err: error, note }, 'a half-copied volume could not be taken away')
      }
    }
  }

  /** By its operation's mark: the name alone may be another's, who had it first or took it since. */
  async #remove({ volume, operation }: z.infer<typeof Note>, signal: AbortSignal): Promise<void> {
    const { daemon } = this.#parts
    const query = { filters: JSON.stringify({ label: [`${operationLabel}=${operation}`] }) }
    const { Volumes } = await daemon.request(VolumeListAnswer, { path: '/volumes', query, signal })
    if (!Volumes.some(({ Name }) => Name === volume)) return
    const path = `/volumes/${encodeURIComponent(volume)}`
    await daemon.request(z.unknown(), { method: 'DELETE', path, signal }).catch((error: unknown) => {
      // Somebody mounts it already: it is theirs.
      if (!['NOT_FOUND', 'CONFLICT'].includes(dockerError(error).code)) throw error
    })
  }
}

/** A note that was itself half written is of a copy that was not begun. */
function parsed(text: string): z.infer<typeof Note> | undefined {
  try {
    return Note.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (hasCode(error, ['ENOENT'])) return []
    throw error
  })
}
