import { FleetIndex, IndexWriter, loadIndex } from '@flotilla/api'
import { openDatabase } from '@flotilla/db'
import { createLogger } from '@flotilla/log'
import type { Container } from '@flotilla/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openControlPlane, type TestControlPlane } from '../testing/open-control-plane.ts'

const log = createLogger('test', 'silent')
let plane: TestControlPlane

beforeAll(async () => {
  plane = await openControlPlane()
}, 60_000)

afterAll(() => plane?.dispose())

function container(name: string, labels: Record<string, string> = {}): Container {
  return {
    ...{ id: `id-${name}`, engine: 'fake', name, image: 'busybox', imageId: '', command: [], state: 'running', labels },
    ...{ createdAt: '2026-01-01T00:00:00.000Z', startedAt: null, finishedAt: null, exitCode: null, oomKilled: false },
    ...{ restartCount: 0, ports: [], network: 'none', tty: false, createdByFlotilla: true },
  }
}

async function indexWithHost(name: string): Promise<{ index: FleetIndex; hostId: string }> {
  const wish = { name, transport: 'websocket', fingerprint: null, address: null } as const
  const host = await plane.app.db.hosts.create(plane.scope, wish)
  const index = new FleetIndex(plane.scope.organisationId)
  index.addHost(host)
  return { index, hostId: host.id }
}

async function kept(hostId: string): Promise<string[]> {
  const index = new FleetIndex(plane.scope.organisationId)
  await loadIndex(index, plane.app.db)
  return [...(index.host(hostId)?.containers.rows.values() ?? [])].map(({ value }) => value.name).sort()
}

test('what the database refuses for its content keeps nothing else from being written', async () => {
  const { index, hostId } = await indexWithHost('with-bad-labels')
  const writer = new IndexWriter(index, plane.app.db, log)
  const good = Array.from({ length: 60 }, (_, at) => container(`good-${at}`))
  const bad = [container('nul', { note: 'a\u0000b' }), container('half', { note: 'a\ud800b' })]
  const containers = [...good.slice(0, 20), ...bad, ...good.slice(20)]
  const snapshot = { containers, images: [], listed: new Set(['fake']) }
  index.applySnapshot(hostId, snapshot, { epoch: 'e1', sequence: 1 })
  await writer.flush()
  expect(await kept(hostId)).toEqual(good.map(({ name }) => name).sort())
  index.applyContainer(hostId, 'fake', 'id-nul', container('nul'), { epoch: 'e1', sequence: 2 })
  await writer.close()
  expect(await kept(hostId)).toContain('nul')
})

test('what could not be written for want of a database is written when there is one', async () => {
  const { index, hostId } = await indexWithHost('without-database')
  const nowhere = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/none' })
  const db = { ...plane.app.db, fleetObjects: nowhere.fleetObjects }
  const writer = new IndexWriter(index, db, log)
  const snapshot = { containers: [container('waits')], images: [], listed: new Set(['fake']) }
  index.applySnapshot(hostId, snapshot, { epoch: 'e1', sequence: 1 })
  await writer.flush()
  expect(await kept(hostId)).toEqual([])
  db.fleetObjects = plane.app.db.fleetObjects
  await writer.close()
  expect(await kept(hostId)).toEqual(['waits'])
  await nowhere.close()
})
