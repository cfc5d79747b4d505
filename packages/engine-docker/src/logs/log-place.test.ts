import { expect, it } from 'vitest'
import type { LogEntry } from './log-entry.ts'
import { advance, dockerTime, formatPlace, type LogPlace, parsePlace, PlaceSeeker } from './log-place.ts'

const at = (seconds: string) => `2026-11-24T14:25:${seconds}Z`
const entry = (time: string): LogEntry => ({ time, stream: 'stdout', partial: false, data: Buffer.alloc(0) })
const [cut, later] = [at('05.372447298'), at('05.506286472')]
/** Two pieces of one line have one time. */
const entries = [at('05.365300630'), cut, cut, later].map(entry)

it('goes on behind the entry that a cursor was given with, also between two of one time', () => {
  let place: LogPlace | undefined
  for (const [index, one] of entries.entries()) {
    place = advance(place, one)
    expect(place).toBeDefined()
    const seeker = new PlaceSeeker(parsePlace(formatPlace(place ?? { time: '', count: 0 })))
    const words = entries.slice(0, index + 1).map((passed) => seeker.look(passed))
    expect(words).toEqual([...Array.from({ length: index }, () => 'before'), 'found'])
  }
})

it('knows a place as lost once all that could be it is gone', () => {
  const seeker = new PlaceSeeker({ time: at('05.000000000'), count: 1 })
  // The other stream's entries may stand up to a second out of order.
  expect(entries.map((one) => seeker.look(one))).toEqual(['before', 'before', 'before', 'before'])
  expect(seeker.look(entry(at('06.100000000')))).toBe('lost')
})

it('says times in Docker’s way, to the nanosecond', () => {
  expect(dockerTime(at('05.372447298'))).toBe('1795530305.372447298')
  expect(dockerTime(at('05.372447298'), -1000)).toBe('1795530304.372447298')
  expect(dockerTime('2026-11-24T15:25:05+01:00')).toBe('1795530305.000000000')
})

it.each(['', 'x', '|1', `${cut}`, `${cut}|0`, `${cut}|-1`, `${cut}|1e3`])('refuses the cursor %j', (text) => {
  expect(() => parsePlace(text)).toThrow(/cursor/)
})
