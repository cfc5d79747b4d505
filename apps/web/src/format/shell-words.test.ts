// eslint-disable-next-line no-restricted-imports -- a real shell reads what is quoted here
import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { joinWords, splitWords } from './shell-words.ts'

const hard = [
  'a b',
  '',
  "it's",
  '"',
  '$HOME',
  '`id`',
  'x\ny',
  '\\',
  '*',
  '~',
  '!',
  'ünïcödé',
  '-',
  'a=b',
  '#no',
  ';',
  '&&',
]

describe('words of a shell', () => {
  test('what is joined is read back by a real shell', () => {
    const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${joinWords(hard)}`], { encoding: 'utf8' })
    expect(printed.split('\0').slice(0, -1)).toEqual(hard)
  })

  test('what is joined is split into the same words', () => {
    expect(splitWords(joinWords(hard))).toEqual({ ok: true, words: hard })
  })

  test('splits as a shell does', () => {
    const line = `sh -c "echo \\"hi\\" \\$x; a\\b" 'it''s' \\\n  a\\ b ""`
    const words = ['sh', '-c', 'echo "hi" $x; a\\b', 'its', 'a b', '']
    expect(splitWords(line)).toEqual({ ok: true, words })
    const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
    expect(printed.split('\0').slice(0, -1)).toEqual(words)
  })

  test('an open quote and a lone backslash are problems', () => {
    expect(splitWords(`echo 'a`)).toEqual({ ok: false, problem: 'quote' })
    expect(splitWords(`echo "a`)).toEqual({ ok: false, problem: 'quote' })
    expect(splitWords('echo \\')).toEqual({ ok: false, problem: 'escape' })
  })
})
