import { beforeEach, expect, test, vi } from 'vitest'
import type { LiveChannel } from '../../../live/channel.ts'
import type { StreamState } from '../../../live/stream.ts'
import { LogSession } from './log-session.ts'

/** The browser's end of a stream, as the channel gives it. */
class Stream {
  state: StreamState = 'open'
  readonly failure = null
  reopened = 0
  onBytes: (bytes: Uint8Array, done: () => void) => void = () => undefined
  onState: () => void = () => undefined
  reopen(): void {
    this.state = 'open'
    this.reopened += 1
  }
  end(): void {
    this.state = 'ended'
    this.onState()
  }
}

let stream: Stream
let session: LogSession
beforeEach(() => {
  vi.stubGlobal('requestAnimationFrame', () => 1)
  stream = new Stream()
  const channel = { open: () => stream } as unknown as LiveChannel
  session = new LogSession({ channel, container: 'c1', unreadable: '', onChange: () => undefined })
})

function prints(...lines: [time: string, text: string][]): void {
  const batch = {
    lines: lines.map(([time, text]) => ({ time, stream: 'stdout', text })),
    cursor: String(lines.length),
  }
  stream.onBytes(new TextEncoder().encode(JSON.stringify([batch])), () => undefined)
}
const shown = () => session.store.rows.map((row) => (row.kind === 'line' ? row.text : row.kind))

test('a restart that the log goes on through is marked before the first line of the new run', () => {
  prints(['2026-01-01T00:00:01Z', 'one'])
  session.startedAgain('2026-01-01T00:00:05.500Z')
  prints(['2026-01-01T00:00:05.1Z', 'late of the old'], ['2026-01-01T00:00:05.600000001Z', 'two'])
  prints(['2026-01-01T00:00:07Z', 'three'])
  expect(shown()).toEqual(['one', 'late of the old', 'restart', 'two', 'three'])
  stream.end()
  expect(shown()).toHaveLength(5)
  expect(stream.reopened).toBe(0)
})

test('a restart after the end goes on with a mark, also where the end is told later', () => {
  prints(['2026-01-01T00:00:01Z', 'one'])
  session.startedAgain('2026-01-01T00:00:05Z')
  expect(stream.reopened).toBe(0)
  stream.end()
  expect(stream.reopened).toBe(1)
  prints(['2026-01-01T00:00:06Z', 'two'])
  expect(shown()).toEqual(['one', 'restart', 'two'])
})
