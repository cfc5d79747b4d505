import { expect, test } from 'vitest'
import { jsonLines, shownLines } from './json-lines.ts'

test('a document is printed as JSON.stringify does, and folds', () => {
  const value = { a: [1, 'x', null], b: {}, c: { d: true } }
  const lines = jsonLines(value)
  const text = (index: number) =>
    '  '.repeat(lines[index]?.depth ?? 0) + (lines[index]?.tokens ?? []).map((token) => token.text).join('')
  expect(lines.map((_, index) => text(index)).join('\n')).toBe(JSON.stringify(value, null, 2))
  expect(shownLines(lines, new Set([1])).map(text)).toEqual([
    '{',
    '  "a": [',
    '  "b": {},',
    '  "c": {',
    '    "d": true',
    '  }',
    '}',
  ])
})
