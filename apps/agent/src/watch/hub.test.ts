import { createFakeEngine, createLocalClient, fakeImage } from '@flotilla/testkit'
import { createLogger } from '@flotilla/log'
import type { Container, EngineEvent, Image, Row, WatchItem } from '@flotilla/protocol'
import { expect, it } from 'vitest'
import { roomOn } from '@flotilla/host'
import { hostFacts } from '../facts.ts'
import { WatchHub } from './hub.ts'

const engine = createFakeEngine()
const { container } = await createLocalClient(engine).client.containers.create({ image: fakeImage })
const lists = (container: Row[], image: Row[] = []) => new Map(Object.entries({ container, image }))
const kinds = ['container', 'image']
const hubOf = (retainedChanges: number) => {
  const log = createLogger('test', 'silent')
  const hub = new WatchHub({
    facts: () => roomOn('/tmp').then((room) => hostFacts('/tmp', room, 'test')),
    engines: () => [],
    log,
    retainedChanges,
  })
  hub.resync('fake', 0, lists([]))
  return hub
}
const row = (id: string): Container => ({ ...container, id, name: id })
const event = (id: string): EngineEvent => ({
  kind: 'container',
  action: 'update',
  id,
  at: new Date().toISOString(),
  row: row(id),
})

async function until(items: AsyncIterable<WatchItem>, type: WatchItem['type']): Promise<WatchItem[]> {
  const seen: WatchItem[] = []
  for await (const item of items) {
    seen.push(item)
    if (item.type === type) return seen
  }
  return seen
}

it('sends a snapshot for a gap and for another epoch', async () => {
  const hub = hubOf(10)
  for (let index = 0; index < 30; index += 1) hub.apply('fake', event(`c${index}`))
  const { signal } = new AbortController()
  for (const since of [
    { epoch: hub.epoch, sequence: 2 },
    { epoch: 'another', sequence: 30 },
  ]) {
    const seen = await until(hub.watch({ since, kinds }, signal), 'snapshot-end')
    expect(seen[0]).toMatchObject({ type: 'hello', resumed: false })
    expect(seen[1]).toMatchObject({ type: 'rows', kind: 'container' })
  }
  expect(hub.watchers).toBe(0)
})

it('cuts snapshots into chunks of at most 500', async () => {
  const hub = hubOf(10)
  for (let index = 0; index < 1200; index += 1) hub.apply('fake', event(`c${index}`))
  const seen = await until(hub.watch({ kinds }, new AbortController().signal), 'snapshot-end')
  const sizes = seen.flatMap((item) => (item.type === 'rows' && item.kind === 'container' ? [item.rows.length] : []))
  expect(sizes).toEqual([500, 500, 200])
})

const bytesOf = (item: WatchItem) => Buffer.byteLength(JSON.stringify(item))
const snapshotOf = async (hub: WatchHub) => {
  const seen = await until(hub.watch({ kinds }, new AbortController().signal), 'snapshot-end')
  return seen.flatMap((item) => (item.type === 'rows' ? [item] : []))
}
const labelled = (id: string, bytes: number): Container => ({ ...row(id), labels: { note: 'é'.repeat(bytes / 2) } })

it('cuts snapshots by their bytes too', async () => {
  const hub = hubOf(10)
  const many = Array.from({ length: 500 }, (_, index) => labelled(`c${index}`, 8192))
  hub.resync('fake', hub.version.sequence, lists([...many, labelled('a', 2_100_000), labelled('b', 2_100_000)]))
  const chunks = await snapshotOf(hub)
  const containers = chunks.flatMap(({ rows }) => rows as Container[])
  expect(containers).toHaveLength(502)
  expect(containers.every(({ labels }) => labels['note'] !== undefined)).toBe(true)
  expect(Math.max(...chunks.map(bytesOf))).toBeLessThan(1_100_000)
})

it('tells a container that is large and an image whose names are too long for a frame with what is long of them cut', async () => {
  const hub = hubOf(10)
  const image = (id: string, usedBy: string[]): Image => ({
    ...{ id, engine: 'fake', references: [], digests: [], createdAt: null, sizeBytes: 1, architecture: '', os: '' },
    ...{ layers: 1, usedBy },
  })
  const images = [image('huge', ['x'.repeat(5_000_000)]), image('small', [])]
  const many = Object.fromEntries(Array.from({ length: 9000 }, (_, at) => [`com.example/${at}`, 'x'.repeat(50)]))
  const words = ['/bin/sh', '-c', 'x'.repeat(100_000), ...Array.from({ length: 900 }, () => 'word'.repeat(10))]
  const loud: Container = { ...row('loud'), labels: many, command: words }
  hub.resync('fake', hub.version.sequence, lists([row('a'), labelled('huge', 5_000_000), loud], images))
  const large: EngineEvent = { ...event('later'), kind: 'container', row: labelled('later', 5_000_000) }
  hub.apply('fake', large)
  const chunks = await snapshotOf(hub)
  const of = (kind: string) => chunks.flatMap((chunk) => (chunk.kind === kind ? chunk.rows : []))
  const containers = of('container') as Container[]
  const cut = { note: `${'é'.repeat(500)}…` }
  expect(containers.map(({ id, labels }) => [id, Object.keys(labels).length < 1000 && labels])).toEqual([
    ['a', container.labels],
    ['huge', cut],
    [
      'loud',
      expect.objectContaining({ 'com.example/0': 'x'.repeat(50), '…': expect.stringMatching(/^\+88\d\d$/) as string }),
    ],
    ['later', cut],
  ])
  const [{ limitations }, { command }] = [containers[1], containers[2]] as [Container, Container]
  expect(limitations?.['labels']).toMatch(/cut/)
  expect([command[2], command.at(-1)]).toEqual([`${'x'.repeat(500)}…`, '…'])
  expect(Math.max(...containers.map((each) => Buffer.byteLength(JSON.stringify(each))))).toBeLessThan(32_768)
  const found = of('image') as Image[]
  expect(found.map(({ id }) => id)).toEqual(['huge', 'small'])
  expect(Math.max(...found.map((each) => Buffer.byteLength(JSON.stringify(each))))).toBeLessThan(32_768)
  for await (const item of hub.watch(
    { since: { epoch: hub.epoch, sequence: hub.version.sequence - 1 }, kinds },
    new AbortController().signal,
  )) {
    if (item.type !== 'row') continue
    expect(bytesOf(item)).toBeLessThan(10_000)
    break
  }
})

it('sends a slow watcher a new snapshot when the ring has passed it', async () => {
  const hub = hubOf(10)
  hub.apply('fake', event('a'))
  const seen: WatchItem[] = []
  for await (const item of hub.watch({ kinds }, new AbortController().signal)) {
    seen.push(item)
    const ends = seen.filter(({ type }) => type === 'snapshot-end').length
    if (item.type === 'snapshot-end' && ends === 1) {
      for (let index = 0; index < 100; index += 1) hub.apply('fake', event(`late${index}`))
    }
    if (ends === 2) break
  }
  expect(seen.map(({ type }) => type)).toEqual([
    ...['hello', 'rows', 'rows', 'snapshot-end'],
    ...['hello', 'rows', 'rows', 'snapshot-end'],
  ])
  const last = seen.at(-3)
  expect(last?.type === 'rows' ? last.rows : []).toHaveLength(101)
})

it('does not let a list undo what changed after it was made', () => {
  const hub = hubOf(100)
  hub.apply('fake', event('old'))
  const since = hub.version.sequence
  hub.apply('fake', event('new'))
  hub.resync('fake', since, lists([]))
  expect(hub.find('fake', 'container', 'old')).toBeUndefined()
  expect(hub.find('fake', 'container', 'new')?.id).toBe('new')
})

it('finds by what an id begins with, and by nothing nothing', () => {
  const hub = hubOf(100)
  const id = `sha256:${'abc'.repeat(5)}`
  hub.apply('fake', event(id))
  for (const ref of [id.slice(0, 19), 'abcabcabcabc']) expect(hub.find('fake', 'container', ref)?.id).toBe(id)
  for (const ref of [id.slice(0, 18), 'abcabcabcab']) expect(hub.find('fake', 'container', ref)).toBeUndefined()
  expect(hub.find('fake', 'container', 'sha256:')).toBeUndefined()
  expect(hub.find('fake', 'container', '')).toBeUndefined()
})

it('names no engine that was never listed, and sends all anew with its first list', async () => {
  const hub = hubOf(100)
  hub.apply('late', event('seen-by-an-event'))
  const engines: string[][] = []
  let named: string[] = []
  for await (const item of hub.watch({ kinds }, new AbortController().signal)) {
    if (item.type === 'rows' && item.kind === 'container')
      named.push(`${item.engine}:${(item.rows as Row[]).map(({ id }) => id).join()}`)
    if (item.type !== 'snapshot-end') continue
    engines.push(named)
    named = []
    if (engines.length === 2) break
    hub.resync('late', hub.version.sequence, lists([row('listed')]))
  }
  expect(engines).toEqual([['fake:'], ['fake:', 'late:listed']])
})

it('tells a watcher of fewer kinds how far the numbers have come, with no gap before what it knows', async () => {
  const hub = hubOf(100)
  const seen: string[] = []
  let last = 0
  for await (const item of hub.watch({ kinds: ['image'] }, new AbortController().signal)) {
    if (item.type === 'snapshot-end') {
      last = item.version.sequence
      for (const id of ['a', 'b', 'c']) hub.apply('fake', event(id))
      hub.apply('fake', { kind: 'image', action: 'pull', id: 'i', at: new Date().toISOString(), row: null })
      hub.apply('fake', event('d'))
    }
    if (item.type !== 'passed' && item.type !== 'row') continue
    if (item.type === 'row') expect(item.version.sequence).toBe(last + 1)
    last = item.version.sequence
    seen.push(item.type)
    if (seen.length === 3) break
  }
  expect(seen).toEqual(['passed', 'row', 'passed'])
  expect(last).toBe(hub.version.sequence)
})

it('tells a watcher that names no kinds in the first form, numbered without a gap', async () => {
  const hub = hubOf(100)
  hub.apply('fake', event('before'))
  const seen: WatchItem[] = []
  for await (const item of hub.watch({}, new AbortController().signal)) {
    seen.push(item)
    if (item.type === 'snapshot-end') for (const id of ['a', 'b']) hub.apply('fake', event(id))
    if (seen.filter(({ type }) => type === 'change').length === 2) break
  }
  expect(seen.map(({ type }) => type)).toEqual(['hello', 'snapshot', 'snapshot', 'snapshot-end', 'change', 'change'])
  const versions = seen.flatMap((item) => ('version' in item ? [item.version] : []))
  expect(new Set(versions.map(({ epoch }) => epoch)).size).toBe(1)
  const start = versions[0]?.sequence ?? -1
  expect(versions.map(({ sequence }) => sequence - start)).toEqual([0, 0, 1, 2])
  hub.apply('fake', event('c'))
  for await (const item of hub.watch(versions.length > 0 ? { since: versions[2] } : {}, new AbortController().signal)) {
    if (item.type === 'hello') expect(item.resumed).toBe(true)
    if (item.type !== 'change') continue
    expect([item.event.id, item.version.sequence - start]).toEqual(['b', 2])
    break
  }
})
