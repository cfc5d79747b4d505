import { readdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from './context.ts'

const root = '/sys/fs/cgroup'

/** A runtime that was killed leaves empty cgroups; those with processes in them refuse to go, which is said. */
export async function sweepCgroups(context: Context, live: ReadonlySet<string>): Promise<void> {
  for (const parent of await parents(context)) {
    for (const id of await listFolder(parent)) {
      if (!/^[0-9a-f]{64}$/.test(id) || live.has(id)) continue
      await rmdir(join(parent, id)).catch((error: unknown) => {
        context.log.warn({ err: error, id }, 'a cgroup that was left over cannot be removed')
      })
    }
  }
}

/** Removes the instance's own cgroup in every hierarchy, where nothing is in it; not while a container is started. */
export async function removeCgroupParents(context: Context): Promise<void> {
  for (const parent of await parents(context)) {
    await rmdir(parent).catch((error: NodeJS.ErrnoException) => {
      if (!['ENOENT', 'EBUSY', 'ENOTEMPTY'].includes(error.code ?? '')) throw error
    })
  }
}

/** The runtime makes the parent in every hierarchy, on hybrid machines in the named and the unified one too. */
async function parents(context: Context): Promise<string[]> {
  // Where there is one hierarchy alone, its own files stand beside its groups.
  const entries = await readdir(root, { withFileTypes: true })
  const hierarchies = ['', ...entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)]
  return hierarchies.map((name) => join(root, name, `flotilla-${context.instance}`))
}

/** The names in a folder; none where there is no such folder. */
export async function listFolder(path: string): Promise<string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}
