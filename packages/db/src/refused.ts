import { z } from 'zod'

const Failure = z.object({
  meta: z.object({ driverAdapterError: z.object({ cause: z.object({ originalCode: z.string() }) }) }),
})

/**
 * Runs one statement for many rows. Where PostgreSQL refuses it for what a row holds, its halves are tried, so that every
 * other row is written; answers the rows that were refused. Throws what has another cause, such as a database that is away.
 */
export async function allButRefused<Row>(
  rows: readonly Row[],
  statement: (rows: readonly Row[]) => Promise<unknown>,
): Promise<Row[]> {
  if (rows.length === 0) return []
  try {
    await statement(rows)
    return []
  } catch (error) {
    if (!isRefused(error)) throw error
    if (rows.length === 1) return [...rows]
    const middle = rows.length >>> 1
    const first = await allButRefused(rows.slice(0, middle), statement)
    return [...first, ...(await allButRefused(rows.slice(middle), statement))]
  }
}

/** PostgreSQL's classes 22, data that a type cannot hold (a NUL, half a character), and 54, what is too large for it. */
function isRefused(error: unknown): boolean {
  const code = Failure.safeParse(error).data?.meta.driverAdapterError.cause.originalCode
  return code !== undefined && /^(22|54)/.test(code)
}
