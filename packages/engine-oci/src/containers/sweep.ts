import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { signalProcess } from '../runtime/process.ts'
import { readLaunched } from '../runtime/conmon.ts'
import { attempt } from './attempt.ts'
import { sweepParts } from '../volumes/index.ts'
import { partsOf } from './container-volumes.ts'
import { bundleOf, type Context } from './context.ts'
import { listFolder, removeCgroupParents, sweepCgroups } from './cgroup-sweep.ts'
import { clearRun } from './take-back.ts'

const remains = 'what was left over of a container cannot be removed; the next start of the agent tries again'

/**
 * Removes what belongs to no container: runtime containers, bundles, networks, snapshots, exit files, cgroups. Of a container
 * whose record cannot be read all stays while anything of a run is there; after the machine's own restart its network goes, since
 * nothing runs in it. What of one container cannot be removed is told, and keeps nothing else.
 */
export async function sweep(context: Context, signal: AbortSignal): Promise<void> {
  const { store, runc, networks, snapshots, log } = context
  await attempt(log, signal, remains, () => sweepParts(partsOf(context)))
  const [known, bundles, connected, prepared, exits] = await Promise.all([
    runc.list(),
    listFolder(join(context.runDir, 'bundles')),
    networks.list(),
    snapshots.list(),
    listFolder(context.exits.folder),
  ])
  const live = new Set(store.all().flatMap(({ id, run }) => (run === null ? [] : [id])))
  for (const id of [...known, ...bundles]) if (store.setAside.has(id)) live.add(id)
  const stray = new Set([...known, ...bundles, ...connected].filter((id) => !live.has(id)))
  for (const id of stray) {
    log.warn({ id }, 'something of a container that does not run was left over and is removed')
    const remove = () => (store.setAside.has(id) ? networks.teardown(id) : removeStray(context, id))
    await attempt(log, signal, remains, remove, { id })
  }
  for (const id of prepared) {
    if (!store.owns(id)) await attempt(log, signal, remains, () => snapshots.remove(id), { id })
  }
  for (const id of exits) {
    // What a restored record is completed by.
    if (live.has(id) || store.setAside.has(id)) continue
    await rm(join(context.exits.folder, id), { recursive: true, force: true })
  }
  await sweepCgroups(context, live)
  await removeCgroupParents(context)
}

async function removeStray(context: Context, id: string): Promise<void> {
  const { conmon } = await readLaunched(bundleOf(context, id))
  await clearRun(context, id)
  await signalProcess(conmon, 9)
}
