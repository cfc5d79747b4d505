import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine } from '@flotilla/engine'
import { createLocalClient, type LocalClient } from '@flotilla/engine/testing'
import { createLogger } from '@flotilla/log'
import { makeStarterImage, starterReference } from '../../../../infra/images/starter.ts'
import { createOciEngine, type OciEngineOptions } from '../create-oci-engine.ts'
import { createImageStore } from '../images/index.ts'
import { releaseSubnet } from '../network/index.ts'

export const testImage = starterReference

/** Folders of an instance of its own, with the starter image in its store. */
export interface Place {
  instance: string
  folder: string
  dataDir: string
  runDir: string
  machineDir: string
  remove(): Promise<void>
}

/** On a real file system: overlay does not lie on every temporary folder. */
export async function makePlace(): Promise<Place> {
  const instance = randomBytes(3).toString('hex')
  const folder = await mkdtemp('/var/tmp/flotilla-oci-')
  const runDir = `/run/flotilla-test-${instance}`
  const place = { instance, folder, dataDir: join(folder, 'data'), runDir, machineDir: join(folder, 'machine') }
  await mkdir(place.dataDir, { recursive: true })
  const layout = join(folder, 'starter')
  await makeStarterImage(layout)
  const images = await createImageStore({ dir: join(place.dataDir, 'images') })
  const signal = AbortSignal.timeout(60_000)
  await images.recover(signal)
  await images.importLayout(layout, testImage, { signal, progress: () => {} })
  await images.close()
  return {
    ...place,
    async remove() {
      if (existsSync(place.machineDir)) await releaseSubnet(place.machineDir, instance)
      for (const path of [folder, runDir]) await rm(path, { recursive: true, force: true })
    },
  }
}

export interface Opened extends LocalClient {
  engine: Engine
  close(): Promise<void>
}

/** An engine over a place, recovered. Closing it leaves its containers running. */
export async function openEngine(place: Place, options: Partial<OciEngineOptions> = {}): Promise<Opened> {
  const { instance, dataDir, runDir, machineDir } = place
  const engine = await createOciEngine({
    ...{ id: 'oci', instance, dataDir, runDir, machineDir },
    log: createLogger('test', 'warn'),
    failurePoint: () => {},
    ...options,
  })
  await engine.recover?.(AbortSignal.timeout(60_000))
  return { engine, ...createLocalClient(engine), close: () => engine.close() }
}

/** Removes every container of an open engine. */
export async function removeAll({ client }: Pick<Opened, 'client'>): Promise<void> {
  for (const { id } of await client.containers.list({})) await client.containers.remove({ id, force: true })
}
