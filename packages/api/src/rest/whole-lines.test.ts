import type { LogLine } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import { TextLines, WholeLines } from './whole-lines.ts'

const line = (time: number, text: string, more: Partial<LogLine> = {}): LogLine => ({
  ...{ time: `t${time}`, stream: 'stdout', text },
  ...more,
})
const partial = { partial: true }
const stderr = { stream: 'stderr' as const }

test('a line of many pieces is one, with the time of the first, though the other stream prints meanwhile', () => {
  const lines = [
    line(1, 'a', partial),
    line(2, 'oops', stderr),
    line(3, 'b', partial),
    line(4, 'c'),
    line(5, ''),
    line(6, 'open', partial),
  ]
  const text = new TextLines(true)
  expect(text.add(lines.slice(0, 3)) + text.add(lines.slice(3)) + text.end()).toBe('t2 oops\nt1 abc\nt5 \nt6 open')
  const whole = new WholeLines()
  expect([...lines.flatMap((each) => whole.add(each)), ...whole.end()]).toEqual([
    line(2, 'oops', stderr),
    line(1, 'abc'),
    line(5, ''),
    line(6, 'open', partial),
  ])
})

test('of a line that is longer than can be held no more than that is, and its time stands once', () => {
  const text = new TextLines(true)
  const piece = 'x'.repeat(300_000)
  const written = Array.from({ length: 9 }, (_, at) => text.add([line(at, piece, partial)]))
  expect(written.map(({ length }) => length)).toEqual([0, 0, 0, 1_200_003, 0, 0, 0, 1_200_000, 0])
  expect(`${written.join('')}${text.add([line(9, 'end')])}${text.end()}`).toBe(`t0 ${piece.repeat(9)}end\n`)
})

test('what comes between in such a line stands on a line of its own', () => {
  const text = new TextLines(true)
  const long = 'x'.repeat(1024 * 1024)
  const written = text.add([line(1, long, partial), line(2, 'oops', stderr), line(3, 'rest')])
  expect(written).toBe(`t1 ${long}\nt2 oops\nt1 rest\n`)
})
