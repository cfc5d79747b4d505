import { FleetIndex } from '@flotilla/api'
import { afterAll, beforeAll } from 'vitest'
import { openControlPlane, type TestControlPlane } from './open-control-plane.ts'

/** One control plane for all tests of a file, opened before the first and disposed of after the last. */
export function controlPlaneOfFile(): () => TestControlPlane {
  let plane: TestControlPlane | undefined
  beforeAll(async () => {
    plane = await openControlPlane()
  }, 60_000)
  afterAll(() => plane?.dispose())
  return () => {
    if (plane === undefined) throw new Error('the control plane is opened before the first test')
    return plane
  }
}

/** A new host in the database, and an index of its own that knows it alone. */
export async function indexedHost({ app, scope }: TestControlPlane, name: string) {
  const row = await app.db.hosts.create(scope, { name, transport: 'websocket', fingerprint: null, address: null })
  const index = new FleetIndex(scope.organisationId)
  return { index, host: index.addHost(row) }
}
