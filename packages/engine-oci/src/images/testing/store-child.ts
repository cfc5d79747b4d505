import { createFailurePoint } from '@flotilla/engine'
import { createImageStore } from '../create-image-store.ts'
import { createSnapshots } from '../create-snapshots.ts'

/** A process of its own that a failure point kills: `DIR POINT pull|remove|snapshot REFERENCE`. */
const [, , dir = '', point = '', what = '', reference = ''] = process.argv
const call = { signal: AbortSignal.timeout(30_000), progress: () => {} }
const failurePoint = createFailurePoint(point)
const store = await createImageStore({ dir, failurePoint })
await store.recover(call.signal)
if (what === 'pull') await store.pull({ reference }, call)
else if (what === 'remove') await store.remove({ id: reference, force: false }, call)
else {
  const snapshots = await createSnapshots({ dir, images: store, failurePoint })
  const image = await store.resolve(reference)
  await snapshots.prepare('box', image.chainIds)
  await snapshots.mount('box')
  await snapshots.remove('box')
}
await store.close()
