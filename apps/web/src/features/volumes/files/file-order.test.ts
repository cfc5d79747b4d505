import type { FileEntry } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import { orderFiles, type FileOrder } from './file-order.ts'

const entry = (name: string, type: FileEntry['type'], sizeBytes: number, day: number) =>
  ({ name, type, sizeBytes, modifiedAt: new Date(Date.UTC(2026, 0, day)).toISOString() }) as FileEntry
const listed = [
  ...[entry('conf', 'folder', 4096, 2), entry('logs', 'folder', 40, 1)],
  ...[entry('a', 'file', 10, 3), entry('b', 'symlink', 90, 5), entry('c', 'file', 0, 4), entry('d', 'file', 200, 1)],
]
const namesBy = (by: FileOrder['by'], order: FileOrder['order']) =>
  orderFiles(listed, { by, order })
    .map(({ name }) => name)
    .join(' ')

test('entries are sorted by name, size and time, folders before all else', () => {
  expect(namesBy('name', 'asc')).toBe('conf logs a b c d')
  expect(namesBy('name', 'desc')).toBe('logs conf d c b a')
  expect(namesBy('modified', 'asc')).toBe('logs conf d a c b')
  expect(namesBy('modified', 'desc')).toBe('conf logs b c a d')
})

test('by size folders keep the order of their names, and what has no size comes before an empty file', () => {
  expect(namesBy('size', 'asc')).toBe('conf logs b c a d')
  expect(namesBy('size', 'desc')).toBe('conf logs d a c b')
})
