import type { LogLine } from '@flotilla/protocol'
import { describe, expect, test } from 'vitest'
import { ansiSpans, plainText } from './ansi.ts'
import { levelOf } from './log-level.ts'
import { LogStore, mostRows } from './log-store.ts'
import { findPattern, LogView, noFilter } from './log-view.ts'

const line = (text: string, more: Partial<LogLine> = {}): LogLine => ({
  time: '2026-01-01T00:00:00.000000000Z',
  stream: 'stdout',
  text,
  ...more,
})
const texts = (view: LogView) =>
  Array.from({ length: view.count }, (_, index) => {
    const row = view.at(index)
    return row?.kind === 'line' ? row.text : row?.kind
  })

describe('a log in the page', () => {
  test('joins the pieces of a line, each stream by itself', () => {
    const store = new LogStore()
    store.push({ lines: [line('he', { partial: true }), line('oops', { stream: 'stderr' }), line('llo')] })
    expect(texts(new LogView(store, noFilter))).toEqual(['hello', 'oops'])
  })

  test('says what the host no longer had', () => {
    const store = new LogStore()
    store.push({ lines: [line('b')], gap: { from: null, to: null, lines: 7 } })
    expect(store.rows[0]).toMatchObject({ kind: 'gap', lines: 7 })
  })

  test('says what the host no longer had before older lines, once', () => {
    const store = new LogStore()
    const gap = { from: null, to: null, lines: 7, diskFullAt: '2026-01-01T00:00:00.000Z' }
    store.push({ lines: [line('c')] })
    expect(store.prepend([line('a'), line('b')], gap)).toBe(2)
    expect(store.rows[0]).toMatchObject({ kind: 'gap', lines: 7, diskFullAt: gap.diskFullAt, number: -3 })
    expect(store.prepend([], gap)).toBe(0)
    expect(texts(new LogView(store, noFilter))).toEqual(['gap', 'a', 'b', 'c'])
  })

  test('is bounded, and counts what had to go: shown and dropped are all that came', () => {
    const store = new LogStore()
    const total = mostRows + 20_000
    for (let at = 0; at < total; at += 5000)
      store.push({ lines: Array.from({ length: 5000 }, (_, index) => line(String(at + index))) })
    expect(store.rows.length).toBeLessThanOrEqual(mostRows)
    expect(store.rows.length + store.droppedLines).toBe(total)
    expect(store.rows.at(-1)).toMatchObject({ text: String(total - 1) })
  })

  test('takes older lines in front without moving the numbers of those that are there', () => {
    const store = new LogStore()
    store.push({ lines: [line('c')] })
    const view = new LogView(store, noFilter)
    expect(store.prepend([line('a'), line('b')])).toBe(2)
    view.sync()
    expect(texts(view)).toEqual(['a', 'b', 'c'])
    expect(view.at(2)?.number).toBe(0)
  })

  test('shows what fits the filter, and takes in what comes and changes', () => {
    const store = new LogStore()
    store.push({ lines: [line('ERROR one'), line('INFO two')] })
    const view = new LogView(store, { ...noFilter, levels: new Set(['error']) })
    expect(texts(view)).toEqual(['ERROR one'])
    store.push({ lines: [line('ERRO', { partial: true })] })
    view.sync()
    expect(texts(view)).toEqual(['ERROR one'])
    store.push({ lines: [line('R three')] })
    view.sync()
    expect(texts(view)).toEqual(['ERROR one', 'ERROR three'])
  })

  test('finds text and patterns without regard to case; no pattern finds nothing', () => {
    const store = new LogStore()
    store.push({ lines: [line('Pear (1)'), line('plum')] })
    expect(new LogView(store, { ...noFilter, find: findPattern('pear (', false) }).matches).toEqual([0])
    expect(new LogView(store, { ...noFilter, find: findPattern('p(ear|lum)', true) }).matches).toEqual([0, 1])
    expect(findPattern('(', true)).toBeNull()
    const only = new LogView(store, { ...noFilter, find: findPattern('plum', false), onlyMatches: true })
    expect(texts(only)).toEqual(['plum'])
  })
})

test.each([
  ['2026 ERROR boom', 'error'],
  ['{"level":"warn","msg":"x"}', 'warn'],
  ['{"level":50,"msg":"x"}', 'error'],
  ['level=debug msg=x', 'debug'],
  ['[info] ready', 'info'],
  ['no errors today', 'other'],
])('the level of %s is %s', (text, level) => {
  expect(levelOf(text)).toBe(level)
})

test('escape sequences colour and are no text', () => {
  const raw = '\u001b[1;31mred\u001b[0m \u001b[38;2;1;2;3mown\u001b[K'
  expect(plainText(raw)).toBe('red own')
  expect(ansiSpans(raw).map(({ text, bold, colour }) => [text, bold, colour])).toEqual([
    ['red', true, 1],
    [' ', false, null],
    ['own', false, '#010203'],
  ])
})
