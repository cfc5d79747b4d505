import { beforeEach, expect, test, vi } from 'vitest'
import { LiveStream } from '../../../live/stream.ts'
import { LogSession } from './log-session.ts'

let opened: number
let stream: LiveStream
let session: LogSession
beforeEach(() => {
  vi.stubGlobal('requestAnimationFrame', () => 1)
  opened = 0
  stream = new LiveStream({
    newId: () => opened + 1,
    open: (_id, answer) => {
      opened += 1
      answer(null)
    },
    ack: () => undefined,
    input: () => undefined,
    close: () => undefined,
    isConnected: () => true,
  })
  session = new LogSession({
    channel: { open: () => stream },
    ...{ container: 'c1', unreadable: '', onChange: () => undefined },
  })
  stream.connect()
})

function prints(...lines: [time: string, text: string][]): void {
  const batch = {
    lines: lines.map(([time, text]) => ({ time, stream: 'stdout', text })),
    cursor: String(lines.length),
  }
  stream.receive(new TextEncoder().encode(JSON.stringify([batch])))
}
const shown = () => session.store.rows.map((row) => (row.kind === 'line' ? row.text : row.kind))

test('a restart that the log goes on through is marked before the first line of the new run', () => {
  prints(['2026-01-01T00:00:01Z', 'one'])
  session.startedAgain('2026-01-01T00:00:05.500Z')
  prints(['2026-01-01T00:00:05.1Z', 'late of the old'], ['2026-01-01T00:00:05.600000001Z', 'two'])
  prints(['2026-01-01T00:00:07Z', 'three'])
  expect(shown()).toEqual(['one', 'late of the old', 'restart', 'two', 'three'])
  stream.ended()
  expect(shown()).toHaveLength(5)
  expect(opened).toBe(1)
})

test('a restart after the end goes on with a mark, also where the end is told later', () => {
  prints(['2026-01-01T00:00:01Z', 'one'])
  session.startedAgain('2026-01-01T00:00:05Z')
  expect(opened).toBe(1)
  stream.ended()
  expect(opened).toBe(2)
  prints(['2026-01-01T00:00:06Z', 'two'])
  expect(shown()).toEqual(['one', 'restart', 'two'])
})
