import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasSubvolume, quotaGroups, removeQuotaGroup } from './btrfs.ts'

/**
 * The quota groups of limited volumes that are gone, each noted as a file that is named by its subvolume. Older kernels leave
 * such a group behind, and the kernel lets nobody remove it before it has cleaned up behind the subvolume; the next start of
 * the agent does. No other group of the file system is ever touched.
 */
export class QuotaGroups {
  readonly #notes: string

  constructor(notes: string) {
    this.#notes = notes
  }

  /** To be called when the subvolume is gone. A group that nobody noted does no harm, so that a full disk is no failure. */
  async note(subvolume: string): Promise<void> {
    try {
      await mkdir(this.#notes, { recursive: true, mode: 0o700 })
      await writeFile(join(this.#notes, subvolume), '', { mode: 0o600 })
    } catch {
      // The group stays until somebody clears it.
    }
  }

  /** Removes the noted groups. One that is busy stays noted; where nothing is noted nothing is asked of the file system. */
  async clear(): Promise<void> {
    const noted = await readdir(this.#notes).catch(() => [])
    if (noted.length === 0) return
    const there = await quotaGroups(this.#notes)
    if (there === undefined) return
    for (const subvolume of noted) {
      // A note of another file system, from which the folder was moved, may name a subvolume that somebody uses.
      const isStale = there.has(subvolume) && !(await hasSubvolume(this.#notes, subvolume))
      if (!isStale || (await removeQuotaGroup(this.#notes, subvolume))) await rm(join(this.#notes, subvolume))
    }
  }
}
