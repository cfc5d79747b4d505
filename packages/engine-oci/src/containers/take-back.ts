import { rm } from 'node:fs/promises'
import { removeFolder } from '../quota/limited-folder.ts'
import { removeCgroupParents } from './cgroup-sweep.ts'
import { bundleOf, type Context, ownFilesOf } from './context.ts'

/** Removes all that a container has on this host, in whatever state it is. Idempotent; also finishes a removal. */
export async function takeBack(context: Context, id: string): Promise<void> {
  const { failurePoint } = context
  context.restarts.disarm(id)
  await context.removeExecs(id)
  failurePoint('containers.remove.exec')
  await clearRun(context, id)
  await context.snapshots.remove(id)
  failurePoint('containers.remove.snapshot')
  await context.images.unpin(id)
  failurePoint('containers.remove.unpin')
  const record = context.store.get(id)
  if (record?.removeVolumes === true) {
    for (const volume of record.volumes) {
      if (volume.anonymous) await context.volumes.removeAnonymous(volume.id, id)
    }
  }
  failurePoint('containers.remove.volumes')
  await removeFolder(ownFilesOf(context, id), context.snapshots.groups)
  await context.rotator.drop(id, () => context.store.remove(id))
  context.ends.notify(id)
  if (context.store.all().length === 0) await removeCgroupParents(context)
  failurePoint('containers.remove.done')
}

/** Takes away what one run needed: the runtime's container with its cgroup, network, mount, bundle, exit file. Idempotent. */
export async function clearRun(context: Context, id: string): Promise<void> {
  const { failurePoint } = context
  context.rotator.remove(id)
  const unmounted = (async () => {
    await context.runc.delete(id)
    failurePoint('containers.finish.runc')
    await context.snapshots.unmount(id)
    failurePoint('containers.finish.unmount')
  })()
  // Who has no network of its own does not wait for those of others.
  const hasNetwork = (context.store.get(id)?.spec.network ?? 'bridge') === 'bridge'
  const torn = hasNetwork ? context.networks.teardown(id) : Promise.resolve()
  const detached = torn.then(() => failurePoint('containers.finish.network'))
  // Both to their end before either failure is told, so that nothing goes on behind the caller's back.
  const [first, second] = await Promise.allSettled([unmounted, detached])
  if (first.status === 'rejected') throw first.reason
  if (second.status === 'rejected') throw second.reason
  await rm(bundleOf(context, id), { recursive: true, force: true })
  failurePoint('containers.finish.bundle')
  await context.exits.clear(id)
}
