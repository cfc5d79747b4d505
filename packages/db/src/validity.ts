/** So far apart the clocks of machines may be that write and read one database. */
export const clockToleranceMs = 5 * 60_000

/**
 * Now, in milliseconds since 1970, for all that ends by itself: sessions, keys, tokens, links. It is the machine's clock, but
 * never behind what that said when the process began plus what has passed since, so that a clock that is set back gives nothing
 * back that had expired. Ends are made and checked with this one, else a clock that was ahead at the start would let nobody in.
 */
export function validityNow(): number {
  return Math.max(Date.now(), Math.floor(performance.timeOrigin + performance.now()))
}

/** The end of something that is valid for so long from now on. */
export function endAfter(ms: number): Date {
  return new Date(validityNow() + ms)
}

/**
 * Whether something counts now: not after its end, and not before it was made either, which is what a clock set back before this
 * process began would say. Without an end it never expires.
 */
export function isValid(it: { createdAt: Date; expiresAt: Date | null }): boolean {
  const now = validityNow()
  if (it.createdAt.getTime() > now + clockToleranceMs) return false
  return it.expiresAt === null || it.expiresAt.getTime() > now
}
