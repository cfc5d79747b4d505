import { join } from 'node:path'
import type { FailurePoint } from '@flotilla/engine'
import { removeHalfWritten, withWriteNote, type WriteNote, writeNotes } from '@flotilla/files'
import { FlotillaError } from '@flotilla/protocol'
import { z } from 'zod'
import type { EngineLog } from '../engine-log.ts'
import type { Volumes } from './volumes.ts'

const Place = z.object({ volume: z.string(), path: z.string() })

interface Parts {
  volumes: Volumes
  /** Durable, root's alone. */
  dir: string
  failurePoint: FailurePoint
  log: EngineLog
}

/** Files that are being written to volumes, noted so that a later agent takes away what one that died left half written. */
export class VolumeWrites {
  readonly #parts: Parts
  readonly #notes: string

  constructor(parts: Parts) {
    this.#parts = parts
    this.#notes = join(parts.dir, 'writes')
  }

  /** Writes a file by way of the temporary name that it is given. */
  noted<T>(volume: string, path: string, work: (temporary: string) => Promise<T>): Promise<T> {
    return withWriteNote(this.#notes, JSON.stringify({ volume, path }), this.#parts.failurePoint, work)
  }

  /** Takes away what was left. Call it once, before any write; what is out of reach now is left to the next start. */
  async recover(signal: AbortSignal): Promise<void> {
    for (const note of await writeNotes(this.#notes)) {
      try {
        await this.#recover(note, signal)
      } catch (error) {
        this.#parts.log.warn({ err: error, note: note.temporary }, 'a half-written file could not be taken away')
      }
    }
  }

  async #recover({ temporary, text, done }: WriteNote, signal: AbortSignal): Promise<void> {
    const place = parsed(text)
    if (place !== undefined) {
      await this.#parts.volumes
        .withFiles(place.volume, 'write', signal, ({ root }) => removeHalfWritten(root, place.path, temporary))
        .catch(unlessGone)
    }
    await done()
  }
}

/** A note that was itself half written is of a file that was not begun. */
function parsed(text: string): z.infer<typeof Place> | undefined {
  try {
    return Place.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** With its volume, or with the memory that it was in. */
function unlessGone(error: unknown): void {
  const code = error instanceof FlotillaError ? error.code : undefined
  if (code !== 'NOT_FOUND' && code !== 'CONFLICT') throw error
}
