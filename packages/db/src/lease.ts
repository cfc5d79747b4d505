import { Prisma } from './generated/client.ts'

/** The end of a lease that is taken or renewed now, by the database's clock, which all who hold one share. */
export function leaseUntil(ttlMs: number): Prisma.Sql {
  return Prisma.sql`now() + ${seconds(ttlMs)}`
}

/**
 * Whether a row's lease is held: it has not ended, and does not end later than any that was taken since could. A holder that is
 * gone keeps nobody away for an hour where the clock was set back by one; a holder that is there has renewed by then.
 */
export function isHeld(ttlMs: number): Prisma.Sql {
  return Prisma.sql`lease_until >= now() AND lease_until <= now() + ${seconds(2 * ttlMs)}`
}

function seconds(ms: number): Prisma.Sql {
  return Prisma.sql`make_interval(secs => ${ms / 1000}::float8)`
}
