import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { VolumeStore } from './volume-store.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-volume-store-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const idOf = (digit: string) => digit.repeat(64)
const record = (id: string) => ({
  ...{ version: 1 as const, id, name: 'kept', labels: {}, operationId: '', createdAt: '2026-01-01T00:00:00.000Z' },
  ...{ sizeLimitBytes: null, anonymous: false, phase: 'ready' as const },
})

/** Reads the folder as an agent does at its start. */
async function load() {
  const warnings: { fields: object; message: string }[] = []
  const store = new VolumeStore(folder, (fields, message) => warnings.push({ fields, message }))
  await store.load()
  return { store, warnings }
}
async function put(path: string): Promise<void> {
  await mkdir(join(folder, path, '..'), { recursive: true })
  await writeFile(join(folder, path), 'precious')
}

it('leaves what is no volume as it is, with one warning of it all', async () => {
  const { store } = await load()
  await store.save(record(idOf('a')))
  const strange = [
    ...['notes.txt', 'snapshots/monday/database', `${idOf('b')}/data/restored`, `${idOf('c')}/other`, idOf('d')],
    ...[`${idOf('e')}/writes/note`, `${idOf('f')}/data`],
  ]
  for (const path of strange) await put(path)
  await mkdir(join(folder, 'lost+found'))

  const next = await load()
  expect(next.store.all()).toEqual([record(idOf('a'))])
  for (const path of strange) expect(await readFile(join(folder, path), 'utf8')).toBe('precious')
  expect(await readdir(join(folder, 'lost+found'))).toEqual([])
  expect(next.warnings).toHaveLength(1)
  expect(next.warnings[0]?.fields).toMatchObject({ count: 8 })
})

it('takes away what a volume that was being made or removed left, which holds no file', async () => {
  await mkdir(join(folder, idOf('a'), 'data'), { recursive: true })
  await put(`${idOf('b')}/volume.json.0123456789ab.tmp`)
  await mkdir(join(folder, idOf('c')))
  const { store, warnings } = await load()
  expect(await readdir(folder)).toEqual([])
  expect([store.all(), warnings]).toEqual([[], []])
})

it('warns of a record that cannot be read, and leaves its files', async () => {
  await put(`${idOf('a')}/volume.json`)
  await put(`${idOf('b')}/volume.json/folder`)
  await put(`${idOf('b')}/data/file`)
  const { store, warnings } = await load()
  expect(store.all()).toEqual([])
  expect(warnings.map(({ fields }) => (fields as { id: string }).id).sort()).toEqual([idOf('a'), idOf('b')])
  expect(await readdir(join(folder, idOf('b'), 'data'))).toEqual(['file'])
})

it('forgets a volume with its notes, and the record is the last of its files to go', async () => {
  const { store } = await load()
  const id = idOf('a')
  await store.save(record(id))
  await put(`${id}/writes/note`)
  await store.remove(id)
  expect(await readdir(folder)).toEqual([])
})
