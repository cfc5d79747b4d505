import type { Container, HostFacts, WatchItem } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import { FleetIndex } from './fleet-index.ts'
import { WatchReader } from './watch-reader.ts'

const facts: HostFacts = {
  ...{ hostname: 'one', os: '', kernel: '', architecture: '', cpus: 1, memoryBytes: 1, memoryAvailableBytes: 1 },
  ...{ diskTotalBytes: 1, diskFreeBytes: 1, loadAverage: 0, cgroupVersion: 2, bootedAt: '2026-01-01T00:00:00.000Z' },
  ...{ agentVersion: '', protocolVersion: 1 },
}
const container = (id: string): Container => ({
  ...{ id, engine: 'fake', name: id, image: 'busybox', imageId: '', command: [], state: 'running', labels: {} },
  ...{ createdAt: '2026-01-01T00:00:00.000Z', startedAt: null, finishedAt: null, exitCode: null, oomKilled: false },
  ...{ restartCount: 0, ports: [], network: 'none', tty: false, createdByFlotilla: true },
})
const version = (sequence: number) => ({ epoch: 'e1', sequence })
const hello: Extract<WatchItem, { type: 'hello' }> = {
  type: 'hello',
  version: version(1),
  resumed: false,
  facts,
  engines: [],
}
const snapshot = (id: string): WatchItem => ({
  type: 'snapshot',
  engine: 'fake',
  containers: [container(id)],
  images: [],
})
const change = (id: string): WatchItem => ({
  type: 'change',
  version: version(2),
  engine: 'fake',
  event: { type: 'container', action: 'update', id, at: '2026-01-01T00:00:00.000Z', container: container(id) },
})

test.each([
  ['objects', snapshot],
  ['changes that wait', change],
])('a snapshot that does not end holds so many %s and no more, and nothing of it is taken', (_, item) => {
  const index = new FleetIndex('org')
  index.addHost({ id: 'h1', organisationId: 'org', name: 'one', transport: 'socket' })
  const reader = new WatchReader('h1', index, { most: 20_000 })
  reader.take(hello)
  const flood = () => {
    for (let at = 0; at < 1000; at += 1) reader.take(item(`c${at}`))
  }
  expect(flood).toThrow(expect.objectContaining({ code: 'RESOURCE_EXHAUSTED' }))
  expect(index.host('h1')?.rows('container').size).toBe(0)
  reader.take(hello)
  reader.take(snapshot('a'))
  reader.take({ type: 'snapshot-end', version: version(1) })
  expect(index.host('h1')?.rows('container').size).toBe(1)
})

test('changes add up to no more than a snapshot may have, and what goes makes room', () => {
  const index = new FleetIndex('org')
  const host = index.addHost({ id: 'h1', organisationId: 'org', name: 'one', transport: 'socket' })
  const reader = new WatchReader('h1', index, { most: 50_000 })
  let sequence = 1
  const apply = (id: string, row: Container | null) => {
    sequence += 1
    const at = '2026-01-01T00:00:00.000Z'
    const said = { kind: 'container', engine: 'fake', action: 'update', at, actor: null, operationId: null }
    return reader.take({ type: 'row', version: version(sequence), ...said, id, row })
  }
  reader.take(hello)
  reader.take({ type: 'snapshot-end', version: version(1) })
  // The same object again and again, and others that come and go, weigh what is there.
  for (let at = 0; at < 200; at += 1) {
    expect(apply('a', container('a'))).toBe(true)
    expect(apply(`b${at}`, container(`b${at}`))).toBe(true)
    expect(apply(`b${at}`, null)).toBe(true)
  }
  const flood = () => {
    for (let at = 0; at < 1000; at += 1) apply(`c${at}`, container(`c${at}`))
  }
  expect(flood).toThrow(expect.objectContaining({ code: 'RESOURCE_EXHAUSTED' }))
  const rows = host.rows('container').size
  expect(rows).toBeGreaterThan(20)
  expect(rows).toBeLessThan(100)
  // A watch that goes on where another ended knows what is there already.
  const resumed = new WatchReader('h1', index, { most: 50_000 })
  resumed.take({ ...hello, resumed: true })
  sequence = host.version?.sequence ?? 0
  const said = { kind: 'container', engine: 'fake', action: '', at: hello.facts?.bootedAt ?? '', actor: null }
  const next = { type: 'row' as const, version: version(sequence + 1), ...said, operationId: null, id: 'd' }
  expect(() => resumed.take({ ...next, row: container('d') })).toThrow(
    expect.objectContaining({ code: 'RESOURCE_EXHAUSTED' }),
  )
})
