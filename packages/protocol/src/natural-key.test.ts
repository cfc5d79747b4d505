import { expect, test } from 'vitest'
import { naturalKey } from './natural-key.ts'

test('sorts names as people count', () => {
  const names = ['web-10', 'web-2', 'Web-1', 'db', 'web-2-b', 'web-2-a', 'node12:3.10', 'node12:3.9', 'node9:1']
  const sorted = names.toSorted((a, b) => (naturalKey(a) < naturalKey(b) ? -1 : 1))
  expect(sorted).toEqual([
    'db',
    'node9:1',
    'node12:3.9',
    'node12:3.10',
    'Web-1',
    'web-2',
    'web-2-a',
    'web-2-b',
    'web-10',
  ])
})

test('numbers of any length sort by their size, and after each other as written', () => {
  const runs = [1, 8, 9, 10, 17, 18, 19, 64].flatMap((length) => [`1${'0'.repeat(length - 1)}`, '9'.repeat(length)])
  const names = [...new Set(runs)].flatMap((run) => [`x${run}`, `x${run}-`, `x${run}a`])
  expect(names.toReversed().sort((a, b) => (naturalKey(a) < naturalKey(b) ? -1 : 1))).toEqual(names)
})

test('takes zeros before a number for nothing', () => {
  expect(naturalKey('log-007')).toBe(naturalKey('log-7'))
})
