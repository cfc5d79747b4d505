import { existsSync } from 'node:fs'
import { readFile, readdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FlotillaError } from '@flotilla/protocol'

const root = '/sys/fs/cgroup'

/** Removes a control group that nothing runs in any more, with those under it, in every hierarchy. */
export async function removeControlGroups(name: string): Promise<void> {
  const unified = existsSync(join(root, 'cgroup.controllers'))
  const hierarchies = unified ? [root] : (await readdir(root)).map((hierarchy) => join(root, hierarchy))
  for (const hierarchy of hierarchies) {
    const group = join(hierarchy, name)
    if (existsSync(group)) await removeTree(group)
  }
}

async function removeTree(group: string): Promise<void> {
  for (const name of await groupsIn(group)) await removeTree(join(group, name))
  for (let tries = 0; tries < 100; tries++) {
    try {
      await rmdir(group)
      return
    } catch {
      // The kernel is still taking away the last process, or a runtime that is just ending was faster.
      if (!existsSync(group)) return
      await sleep(20)
    }
  }
  const held = await readFile(join(group, 'cgroup.procs'), 'utf8')
  throw new FlotillaError(
    'INTERNAL',
    `The control group ${group} is still in use by ${held.trim().replaceAll('\n', ', ')}.`,
  )
}

async function groupsIn(group: string): Promise<string[]> {
  try {
    const entries = await readdir(group, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  } catch (error) {
    if (existsSync(group)) throw error
    return [] // it went in this moment
  }
}
