import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { starterLayout } from '@flotilla/testkit/lab/starter-layout'
import { createImageStore } from '../images/index.ts'
import { releaseSubnet } from '../network/index.ts'
import { type Place, testImage } from './open-engine.ts'

export { type Opened, openEngine, type Place, removeAll, testImage } from './open-engine.ts'

/** On a real file system: overlay does not lie on every temporary folder. */
export async function makePlace(parent = '/var/tmp'): Promise<Place> {
  const instance = randomBytes(3).toString('hex')
  const folder = await mkdtemp(join(parent, 'flotilla-oci-'))
  const runDir = `/run/flotilla-test-${instance}`
  const place = { instance, folder, dataDir: join(folder, 'data'), runDir }
  await mkdir(place.dataDir, { recursive: true })
  const images = await createImageStore({ dir: join(place.dataDir, 'images') })
  const signal = AbortSignal.timeout(60_000)
  await images.recover(signal)
  await images.importLayout(await starterLayout(), testImage, { signal, progress: () => {} })
  await images.close()
  return {
    ...place,
    async remove() {
      await releaseSubnet(instance)
      for (const path of [folder, runDir]) await rm(path, { recursive: true, force: true })
    },
  }
}
