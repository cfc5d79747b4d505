import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { LogTime } from './log-time.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-03-01T12:00:00.250Z') })
})
afterEach(() => {
  vi.useRealTimers()
})

test('takes every offset, and keeps each digit of a second', () => {
  const times: [written: string, utc: string][] = [
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31t12:00:00.5z', '2026-01-31T12:00:00.5Z'],
    ['2026-01-31T12:00:00+02:00', '2026-01-31T10:00:00.000Z'],
    ['2026-01-31T12:00:00.123456789+05:45', '2026-01-31T06:15:00.123456789Z'],
    ['2026-12-31T23:30:00-01:00', '2027-01-01T00:30:00.000Z'],
    ['2026-01-31T12:00:00 02:00', '2026-01-31T10:00:00.000Z'],
    ['2026-01-31 12:00:00Z', '2026-01-31T12:00:00.000Z'],
  ]
  for (const [written, utc] of times) expect([written, LogTime.parse(written)]).toEqual([written, utc])
})

test("takes Docker's durations, counted from now, and seconds since 1970", () => {
  const times: [written: string, utc: string][] = [
    ['10m', '2026-03-01T11:50:00.250Z'],
    ['1h30m', '2026-03-01T10:30:00.250Z'],
    ['1.5h', '2026-03-01T10:30:00.250Z'],
    ['90s250ms', '2026-03-01T11:58:30.000Z'],
    ['0s', '2026-03-01T12:00:00.250Z'],
    ['-1h', '2026-03-01T13:00:00.250Z'],
    ['1136073600', '2006-01-01T00:00:00.000Z'],
    ['1136073600.000000001', '2006-01-01T00:00:00.000000001Z'],
  ]
  for (const [written, utc] of times) expect([written, LogTime.parse(written)]).toEqual([written, utc])
})

test('is the same when it is parsed again, as on its way from door to door', () => {
  for (const written of ['10m', '2026-01-31T12:00:00.123456789+05:45', '1136073600.5']) {
    const once = LogTime.parse(written)
    vi.setSystemTime(Date.now() + 60_000)
    expect(LogTime.parse(once)).toBe(once)
  }
})

test('refuses what is no time, and says what is one', () => {
  const none = ['', 'now', '10 m', 'm', '2026-01-31', '2026-01-31T12:00:00', '2026-02-30T12:00:00Z', '1e3', '9h9']
  for (const written of [
    ...none,
    '2026-01-31T25:00:00Z',
    '999999999999',
    '1'.repeat(65),
    '2026-01-31T12:00:00+99:99',
  ]) {
    expect([written, LogTime.safeParse(written).success]).toEqual([written, false])
  }
  expect(LogTime.safeParse('soon').error?.issues[0]?.message).toBe('input.badLogTime')
  expect(z.toJSONSchema(LogTime, { io: 'input' })).toMatchObject({
    type: 'string',
    description: expect.stringContaining('1h30m') as string,
  })
})
