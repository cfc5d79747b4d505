import { expect, it } from 'vitest'
import { editable, formOf, written } from './line-ends.ts'

it.each([
  ['line feeds', 'A=1\nB=2\n'],
  ['carriage returns and line feeds', 'A=1\r\n\r\nB=2\r\n'],
  ['carriage returns', 'A=1\rB=2\r'],
  ['no end of the last line', 'A=1\r\nB=2'],
  ['one line', 'A=1'],
  ['nothing', ''],
  ['a byte order mark', '\ufeffA=1\r\nB=2\r\n'],
  ['a mark alone', '\ufeff'],
  ['a mark in the middle', 'A=\ufeff1\nB'],
])('a text with %s is written as it was', (_what, text) => {
  expect(editable(text)).not.toMatch(/\r|^\ufeff/)
  expect(written(editable(text), formOf(text))).toBe(text)
})

it('a line that is added ends as the others do', () => {
  const text = '\ufeffA=1\r\nB=2\r\n'
  expect(written(`${editable(text)}C=3\n`, formOf(text))).toBe(`${text}C=3\r\n`)
})

it('lines that end in different ways are told', () => {
  for (const text of ['A\r\nB\n', 'A\nB\r', '10%\r20%\r\n']) expect(formOf(text).lineEnd).toBeNull()
  expect(() => written('A', { lineEnd: null, hasMark: false })).toThrow('different line ends')
})
