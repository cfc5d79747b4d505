import { property } from '@flotilla/testkit/properties'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { jsonLines, shownLines } from './json-lines.ts'

describe('a document', () => {
  property('is printed over lines as JSON is', [fc.jsonValue()], (value) => {
    const lines = jsonLines(value)
    const text = lines
      .map(({ depth, tokens }) => '  '.repeat(depth) + tokens.map((token) => token.text).join(''))
      .join('\n')
    expect(text).toBe(JSON.stringify(value, null, 2))
    expect(shownLines(lines, new Set())).toHaveLength(lines.length)
    expect(shownLines(lines, new Set(lines.keys()))).toHaveLength(1)
  })
})
