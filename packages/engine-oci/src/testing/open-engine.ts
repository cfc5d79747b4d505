import { createLocalClient, type LocalClient } from '@flotilla/testkit/local-client'
import { createLogger } from '@flotilla/log'
import { createOciEngine, type OciEngine, type OciEngineOptions } from '../create-oci-engine.ts'

/** The starter image's name in a place. */
export const testImage = 'flotilla.local/starter:latest'

/** Folders of an instance of its own, with the starter image in its store. */
export interface Place {
  instance: string
  folder: string
  dataDir: string
  runDir: string
  remove(): Promise<void>
}

export interface Opened extends LocalClient {
  engine: OciEngine
  /** What changes networks, and the networks and ports of a container. */
  networks: LocalClient['client']['networks'] & Pick<LocalClient['client']['containers'], 'publish' | 'unpublish'>
  close(): Promise<void>
}

/** An engine over a place, recovered. Closing it leaves its containers running. */
export async function openEngine(place: Place, options: Partial<OciEngineOptions> = {}): Promise<Opened> {
  const { instance, dataDir, runDir } = place
  const engine = await createOciEngine({
    ...{ id: 'oci', instance, dataDir, runDir },
    log: createLogger('test', 'warn'),
    failurePoint: () => {},
    ...options,
  })
  await engine.recover?.(AbortSignal.timeout(60_000))
  const local = createLocalClient(engine)
  const { publish, unpublish } = local.client.containers
  const networks = { ...local.client.networks, publish, unpublish }
  return { engine, networks, ...local, close: () => engine.close() }
}

/** Removes every container of an open engine. */
export async function removeAll({ client }: Pick<LocalClient, 'client'>): Promise<void> {
  for (const { id } of await client.containers.list({})) await client.containers.remove({ id, force: true })
}
