/** That a server asked to be left alone for some time; the cause of the failure that came with it. */
export class AskedToWait extends Error {
  readonly waitMs: number

  constructor(waitMs: number) {
    super(`It asked for a wait of ${waitMs} ms.`)
    this.waitMs = waitMs
  }
}

/**
 * How long an answer asks to be left alone, in milliseconds: RFC 9110, section 10.2.3, in seconds or as a date by the server's own
 * clock. Undefined where it does not ask, or in no words that can be read.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>): number | undefined {
  const value = headers['retry-after']?.trim() ?? ''
  if (/^[0-9]{1,15}$/.test(value)) return Number(value) * 1000
  const until = /^[A-Z][a-z]{2,8}, .{1,30} GMT$/.test(value) ? Date.parse(value) : Number.NaN
  if (Number.isNaN(until)) return undefined
  const now = Date.parse(headers.date ?? '')
  return Math.max(0, until - (Number.isNaN(now) ? Date.now() : now))
}
