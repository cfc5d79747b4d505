import type { TimelineEntry } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import { changesOf, repeated } from './changes.ts'

const start = Date.parse('2026-01-01T10:00:00Z')
const event = (seconds: number, action: string, subject = 'web', actor: string | null = null): TimelineEntry => ({
  at: new Date(start + seconds * 1000).toISOString(),
  kind: action === 'away' ? 'host' : 'container',
  objectId: subject,
  action,
  subject,
  hostId: 'h1',
  hostName: 'vm',
  actor,
  exitCode: action === 'die' ? 1 : null,
})
const reported = (...events: TimelineEntry[]) =>
  repeated(changesOf([...events].reverse(), start)).map(({ action, subject, actor, count }) => [
    action,
    subject,
    actor,
    count,
  ])

test('the events of a stop are one stop, by whoever did it', () => {
  expect(reported(event(1, 'kill', 'web', 'Ada'), event(2, 'die'), event(2, 'stop', 'web', 'Ada'))).toEqual([
    ['stop', 'web', 'Ada', 1],
  ])
})

test('a restart is not told as an end and a start', () => {
  expect(reported(event(1, 'die'), event(1, 'start'), event(1, 'restart'))).toEqual([['restart', 'web', null, 1]])
})

test('what was made and started at once has started', () => {
  expect(reported(event(1, 'create'), event(1, 'start'))).toEqual([['start', 'web', null, 1]])
})

test('two containers at the same moment stay apart', () => {
  expect(reported(event(1, 'start', 'a'), event(1, 'start', 'b'))).toHaveLength(2)
})

test('what ends again and again is told once, with how often', () => {
  expect(reported(event(10, 'die'), event(20, 'die'), event(30, 'die'))).toEqual([['die', 'web', null, 3]])
})

test('what came before the time asked for, and what changes nothing, is left out', () => {
  expect(reported(event(-1, 'start'), event(5, 'exec_create'), event(6, 'away', 'vm'))).toEqual([
    ['away', 'vm', null, 1],
  ])
})
