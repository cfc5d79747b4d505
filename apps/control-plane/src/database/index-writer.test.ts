import { FleetIndex, IndexWriter, loadIndex } from '@flotilla/api'
import { openDatabase } from '@flotilla/db'
import { createLogger } from '@flotilla/log'
import { type Container, containerNoun } from '@flotilla/protocol'
import { expect, test, vi } from 'vitest'
import { controlPlaneOfFile, indexedHost } from '../testing/indexed-host.ts'

const log = createLogger('test', 'silent')
const plane = controlPlaneOfFile()

function container(name: string, labels: Record<string, string> = {}): Container {
  return {
    ...{ id: `id-${name}`, engine: 'fake', name, image: 'busybox', imageId: '', command: [], state: 'running', labels },
    ...{ createdAt: '2026-01-01T00:00:00.000Z', startedAt: null, finishedAt: null, exitCode: null, oomKilled: false },
    ...{ restartCount: 0, ports: [], network: 'none', tty: false, createdByFlotilla: true },
  }
}

async function retained(hostId: string): Promise<string[]> {
  const index = new FleetIndex(plane().scope.organisationId)
  await loadIndex(index, plane().app.db)
  return [...(index.host(hostId)?.rows('container').values() ?? [])]
    .map(({ value }) => (value as Container).name)
    .sort()
}

const snapshotOf = (containers: Container[]) => ({
  rows: new Map([['container', containers.map((value) => ({ engine: 'fake', value }))]]),
  listed: new Set(['container fake', 'image fake']),
})

test('what the database refuses for its content keeps nothing else from being written', async () => {
  const { index, host } = await indexedHost(plane(), 'with-bad-labels')
  const writer = new IndexWriter(index, plane().app.db, log)
  const good = Array.from({ length: 60 }, (_, at) => container(`good-${at}`))
  const bad = [container('nul', { note: 'a\u0000b' }), container('half', { note: 'a\ud800b' })]
  const containers = [...good.slice(0, 20), ...bad, ...good.slice(20)]
  const snapshot = snapshotOf(containers)
  index.applySnapshot(host.id, snapshot, { epoch: 'e1', sequence: 1 })
  await writer.flush()
  expect(await retained(host.id)).toEqual(good.map(({ name }) => name).sort())
  const native = { engine: 'fake', id: 'id-nul' }
  index.applyAnswer(host.id, containerNoun, native, container('nul'), { epoch: 'e1', sequence: 2 })
  await writer.close()
  expect(await retained(host.id)).toContain('nul')
})

test('what could not be written for want of a database is written when there is one', async () => {
  const { index, host } = await indexedHost(plane(), 'without-database')
  const nowhere = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/none' })
  const db = { ...plane().app.db, fleetObjects: nowhere.fleetObjects }
  const writer = new IndexWriter(index, db, log)
  const snapshot = snapshotOf([container('waits')])
  index.applySnapshot(host.id, snapshot, { epoch: 'e1', sequence: 1 })
  await writer.flush()
  expect(await retained(host.id)).toEqual([])
  db.fleetObjects = plane().app.db.fleetObjects
  await writer.close()
  expect(await retained(host.id)).toEqual(['waits'])
  await nowhere.close()
})

test('what is known beside an object, as its usage, is no reason to write it again', async () => {
  const { index, host } = await indexedHost(plane(), 'busy')
  const saves = vi.spyOn(plane().app.db.fleetObjects, 'saveBatch')
  const written = () => saves.mock.calls.map(([objects]) => objects.length)
  const writer = new IndexWriter(index, plane().app.db, log)
  index.applySnapshot(host.id, snapshotOf([container('one'), container('two')]), { epoch: 'e1', sequence: 1 })
  await writer.flush()
  const sample = { engine: 'fake', id: 'id-one', at: '2026-01-01T00:00:00.000Z', cpuCores: 1, memoryBytes: 1, pids: 1 }
  index.applyUsage(host.id, null, [sample])
  await writer.flush()
  expect(written()).toEqual([2])
  const native = { engine: 'fake', id: 'id-one' }
  index.applyAnswer(host.id, containerNoun, native, container('one', { a: 'b' }), { epoch: 'e1', sequence: 2 })
  await writer.close()
  expect(written()).toEqual([2, 1])
  saves.mockRestore()
})
