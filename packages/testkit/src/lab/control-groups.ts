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
  const inner = (await readdir(group, { withFileTypes: true })).filter((entry) => entry.isDirectory())
  for (const entry of inner) await removeTree(join(group, entry.name))
  for (let tries = 0; tries < 100; tries++) {
    try {
      await rmdir(group)
      return
    } catch {
      // the kernel is still taking away the last process
      await sleep(20)
    }
  }
  const held = await readFile(join(group, 'cgroup.procs'), 'utf8')
  throw new FlotillaError(
    'INTERNAL',
    `The control group ${group} is still in use by ${held.trim().replaceAll('\n', ', ')}.`,
  )
}
