import { z } from 'zod'
import { rule } from '../../errors/rule.ts'

const rfc3339 = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9})\d*)?(?:([Zz])|([-+ ])(\d{2}):(\d{2}))$/
const unixSeconds = /^(\d{1,11})(?:\.(\d{1,9})\d*)?$/
const duration = /^[-+]?(?:\d+(?:\.\d*)?(?:h|ms|m|s|us|µs|ns))+$/
const milliseconds = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 1e-3, µs: 1e-3, ns: 1e-6 } as const
const describing =
  'An RFC 3339 time with any offset (2026-01-31T12:00:00.5+02:00), how long ago as Docker writes it (10m, 1h30m), or seconds since 1970'

/**
 * A moment in a log, as people and programs write it; parsed, it is RFC 3339 in UTC with up to nine digits of a second. How long
 * ago is counted from when it is parsed.
 */
export const LogTime = z
  .string()
  .max(64)
  .check((context) => {
    const time = utcOf(context.value, Date.now())
    if (time === undefined) {
      context.issues.push({ code: 'custom', input: context.value, message: rule('input.badLogTime') })
    } else context.value = time
  })
  .describe(describing)

/** Undefined for what is no time. */
function utcOf(text: string, now: number): string | undefined {
  const [, date, clock, digits, utc, sign, hours, minutes] = rfc3339.exec(text) ?? []
  if (date !== undefined && clock !== undefined) {
    // A plus that nobody escaped comes out of an address as a space.
    const offset = utc === undefined ? `${sign === '-' ? '-' : '+'}${hours}:${minutes}` : 'Z'
    return isoOf(dayOf(date, clock, offset), digits)
  }
  const [, seconds, fraction] = unixSeconds.exec(text) ?? []
  if (seconds !== undefined) return isoOf(Number(seconds) * 1000, fraction)
  if (!duration.test(text)) return undefined
  let ago = 0
  for (const [, count, unit] of text.replace(/^[-+]/, '').matchAll(/(\d+(?:\.\d*)?)(h|ms|m|s|us|µs|ns)/gy)) {
    ago += Number(count) * milliseconds[unit as keyof typeof milliseconds]
  }
  return isoOf(Math.round(now - (text.startsWith('-') ? -ago : ago)), undefined)
}

/** NaN also for a day that its month does not have, which the engine of this language rolls over. */
function dayOf(date: string, clock: string, offset: string): number {
  const isDay = new Date(`${date}T00:00:00Z`).toJSON()?.startsWith(date) === true
  return isDay ? Date.parse(`${date}T${clock}${offset}`) : Number.NaN
}

/** A moment in whole seconds or milliseconds, with the digits of its second where they are given. */
function isoOf(ms: number, digits: string | undefined): string | undefined {
  // Years of four digits alone can be written.
  if (!(ms >= Date.parse('0000-01-01T00:00:00Z') && ms < Date.parse('9999-12-31T23:59:59Z'))) return undefined
  const iso = new Date(ms).toISOString()
  return digits === undefined ? iso : `${iso.slice(0, 19)}.${digits}Z`
}
