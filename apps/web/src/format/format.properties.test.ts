// eslint-disable-next-line no-restricted-imports -- a real shell reads what is quoted here
import { execFileSync } from 'node:child_process'
import { formatReference, parseReference } from '@flotilla/oci'
import { property, textOf } from '@flotilla/testkit/properties'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { fullReference, shortReference } from './image-reference.ts'
import { labelLines, parseLabels } from './labels.ts'
import { joinWords, splitWords } from './shell-words.ts'

/** What the words of a shell are for one; they hold no NUL, and no half of a character. */
function shellWords(line: string): string[] {
  return execFileSync('sh', ['-c', `printf '%s\\0' x ${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(1, -1)
}

const word = fc.string({ unit: 'grapheme', maxLength: 10 }).filter((text) => !text.includes('\0'))

describe('words of a shell', () => {
  property(
    'are the same when they are joined and split',
    [fc.array(fc.string({ unit: 'binary', maxLength: 12 }), { maxLength: 6 })],
    (words) => {
      expect(splitWords(joinWords(words))).toEqual({ ok: true, words })
    },
  )

  property(
    'are read by a shell as they were',
    [fc.array(word, { maxLength: 6 })],
    (words) => {
      expect(shellWords(joinWords(words))).toEqual(words)
    },
    { runs: 4 },
  )

  const line = textOf(['a', 'b', ' ', ' ', "'", "'", '"', '"', '\\', '\\\n', '\\"', '=', '-'], 14).filter(
    (text) =>
      /^[\x20-\x7e\n]*$/.test(text) &&
      !/\\\\\n/.test(text) &&
      !/[$`;&|<>()#*?[\]~{}!\n]/.test(text.replaceAll('\\\n', '')),
  )
  property(
    'are split as a shell does',
    [line],
    (text) => {
      const split = splitWords(text)
      if (split.ok) expect(shellWords(text)).toEqual(split.words)
    },
    { runs: 4 },
  )

  property('are split, or what is wrong is said', [fc.string({ unit: 'binary' })], (text) => {
    const split = splitWords(text)
    if (split.ok) expect(splitWords(joinWords(split.words))).toEqual(split)
    else expect(['quote', 'escape']).toContain(split.problem)
  })
})

describe('labels', () => {
  property(
    'are the same when they are written and read',
    [textOf(['a', 'b', '=', '=', '\n', '\n', ' ', '\r\n', '__proto__', 'constructor'], 12)],
    (text) => {
      const labels = parseLabels(text)
      if (labels !== null) expect(parseLabels(labelLines(labels).join('\n'))).toEqual(labels)
    },
  )
})

describe('a reference', () => {
  const text = textOf(
    [
      'a',
      'nginx',
      'B',
      'a.b',
      '_',
      '-',
      '/',
      '/',
      ':',
      ':1',
      '@sha256:' + '0a'.repeat(32),
      'docker.io/',
      'index.docker.io/',
      'localhost/',
      'localhost:5000/',
      '[::1]:80/',
      'Foo/',
    ],
    5,
  )
  property('is as hosts have it, and the same when it is shown short', [text], (typed) => {
    let whole: string
    try {
      whole = formatReference(parseReference(typed))
    } catch {
      return
    }
    if (!whole.includes('@')) expect(fullReference(typed)).toBe(whole)
    expect(fullReference(shortReference(whole))).toBe(fullReference(whole))
  })
})
