import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@flotilla/log'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Entry, OperationJournal } from './journal.ts'

const log = createLogger('test', 'silent')
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'))
})
afterEach(() => rm(folder, { recursive: true }))

const child = (n: number) => `sub-${'a'.repeat(16)}-${n.toString(16).padStart(32, '0')}`
const entry = (id: string, startedAt = new Date()): Entry => ({
  operation: {
    ...{ id, method: 'containers.start', engine: 'oci', target: 'web', actor: 'ann', state: 'succeeded' },
    ...{ startedAt: startedAt.toISOString(), finishedAt: startedAt.toISOString(), progress: [], error: null },
  },
  fingerprint: 'input',
})
const ids = (journal: OperationJournal) => journal.list().map(({ id }) => id)

it('keeps the outcome of a step until it is acknowledged, over a restart too', async () => {
  const before = await OperationJournal.open(folder, log, 2)
  await before.write(entry(child(1)))
  await before.write(entry(child(2)))
  await before.acknowledge([child(2), 'not-known-1'])
  const journal = await OperationJournal.open(folder, log, 2)
  for (const id of ['operation-1', 'operation-2', 'operation-3']) await journal.write(entry(id))
  expect(ids(journal)).toEqual(['operation-3', child(1)])
  await journal.acknowledge([child(1)])
  await journal.write(entry('operation-4'))
  expect(ids(journal)).toEqual(['operation-4', 'operation-3'])
})

it('forgets a step that nobody acknowledged for a week, and the oldest of too many', async () => {
  const journal = await OperationJournal.open(folder, log, 2)
  await journal.write(entry(child(0), new Date(Date.now() - 8 * 24 * 3_600_000)))
  for (let n = 1; n <= 11; n += 1) await journal.write(entry(child(n)))
  expect(ids(journal)).toHaveLength(10)
  expect(ids(journal)).not.toContain(child(0))
  expect(ids(journal)).not.toContain(child(1))
  expect(ids(journal)).toContain(child(2))
})

it('leaves what it cannot read for a week', async () => {
  const path = join(folder, 'operation-9.json')
  const text = JSON.stringify({ ...entry('operation-9'), operation: { id: 'operation-9', state: 'hibernating' } })
  await writeFile(path, text)
  await writeFile(join(folder, 'operation-8.json'), '')
  const journal = await OperationJournal.open(folder, log, 2)
  await journal.write(entry('operation-1'))
  expect([ids(journal), await readFile(path, 'utf8')]).toEqual([['operation-1'], text])
  const longAgo = new Date(Date.now() - 8 * 24 * 3_600_000)
  await utimes(path, longAgo, longAgo)
  await OperationJournal.open(folder, log, 2)
  expect((await readdir(folder)).sort()).toEqual(['operation-1.json', 'operation-8.json'])
})

it('keeps as many bytes as there is room for, and five times as many of steps that wait', async () => {
  const journal = await OperationJournal.open(folder, log, 1000, 10_000)
  const large = (id: string) => ({ ...entry(id), retained: 'x'.repeat(4000) })
  for (let n = 1; n <= 5; n += 1) await journal.write(large(`operation-${n}`))
  expect(ids(journal)).toEqual(['operation-5', 'operation-4'])
  for (let n = 1; n <= 20; n += 1) await journal.write(large(child(n)))
  expect(ids(journal)).toHaveLength(11)
  const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))))
  expect(files.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(50_000)
})

it('reads whole answers of agents before this one, and holds the id of their object alone', async () => {
  const answer = {
    container: { id: 'c1', labels: { note: 'x'.repeat(100_000) } },
    version: { epoch: 'e', sequence: 3 },
  }
  const old = entry('operation-1')
  const operation = { ...old.operation, object: { kind: 'container', id: 'c1' } }
  await writeFile(join(folder, 'operation-1.json'), JSON.stringify({ ...old, operation, result: answer }))
  const other = { ...entry('operation-2'), result: { removed: ['x'.repeat(400_000)] } }
  await writeFile(join(folder, 'operation-2.json'), JSON.stringify(other))
  const journal = await OperationJournal.open(folder, log)
  expect(journal.get('operation-1')).toMatchObject({ retained: { container: { id: 'c1' }, version: answer.version } })
  expect(JSON.stringify(journal.get('operation-1')).length).toBeLessThan(1000)
  expect(journal.get('operation-2')).toMatchObject({ tooLong: true })
})
