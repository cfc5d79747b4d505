import type { PrismaClient } from './generated/client.ts'

/** What keeps the whole database from answering, whatever it is asked: it is away, or its disk is full. */
export type DatabaseTrouble = 'away' | 'full'

/** No socket, nobody behind it, a server that ends or is being started (class 57P), no connection to be had, and Prisma's words for these. */
const away =
  /\b(?:ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|57P0[1-5]|08[0-9A-Z]{3}|53300|P1001|P1002|P1008|P1017)\b|Connection terminated|Can't reach database server|Server has closed the connection|timeout exceeded when trying to connect|Unable to start a transaction/
/** PostgreSQL's disk_full, and what it says of a write that failed for it (io_error). */
const full = /\b53100\b|No space left on device/

/** Undefined where it is about what was asked. */
export function databaseTrouble(error: unknown): DatabaseTrouble | undefined {
  const words = wordsOf(error, 5)
  if (full.test(words)) return 'full'
  return away.test(words) ? 'away' : undefined
}

/** What an error says of itself: its code, its message, and those of what it came from. */
function wordsOf(error: unknown, depth: number): string {
  if (typeof error !== 'object' || error === null || depth === 0) return ''
  const { message, code, originalCode, originalMessage, kind, cause, meta, driverAdapterError, errors } =
    error as Record<string, unknown>
  const own = [message, code, originalCode, originalMessage, kind].filter((part) => typeof part === 'string')
  const several: unknown[] = Array.isArray(errors) ? errors.slice(0, 3) : []
  const under = [cause, meta, driverAdapterError, ...several]
  return [...own, ...under.map((part) => wordsOf(part, depth - 1))].join(' ').slice(0, 4000)
}

/** The client with the failures of all that is asked of it put into words. */
export function inWords(prisma: PrismaClient, words: (error: unknown) => unknown): PrismaClient {
  const client = prisma.$extends({
    query: {
      async $allOperations({ args, query }) {
        try {
          return (await query(args)) as unknown
        } catch (error) {
          throw words(error)
        }
      },
    },
  })
  return new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (name !== '$transaction' || typeof value !== 'function') return value
      return async (...args: unknown[]) => {
        try {
          return (await Reflect.apply(value, target, args)) as unknown
        } catch (error) {
          throw words(error)
        }
      }
    },
  }) as unknown as PrismaClient
}
