import { fail } from '@flotilla/protocol'
import { Pool, type PoolClient } from 'pg'

/** PostgreSQL ends a backend that was asked to go before it does what comes next, or does not let one in. */
const notDone: ReadonlySet<unknown> = new Set(['57P01', '57P03'])
/** A backend that was killed, and a server that ends at once. */
const lostCodes: ReadonlySet<unknown> = new Set([
  '57P02',
  '08000',
  '08003',
  '08006',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
])
/** What pg says without a code. */
const lostWords: ReadonlySet<string> = new Set(['Connection terminated unexpectedly', 'Connection terminated'])

/** It is known to be lost, and nothing is sent any more. */
const notSentWords: ReadonlySet<string> = new Set([
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
])

/** What the adapter asks of a pool: one statement by itself, and a connection for a transaction. */
type Query = (statement: { text: string }) => Promise<unknown>

/**
 * The pool of connections of this process. Where a connection is lost a statement is tried once more on a new one, if it only
 * reads or was certainly not carried out: nobody was let in, or the server said that it goes instead of doing it. Otherwise, and
 * within a transaction, of which the rest is gone, UNAVAILABLE.
 */
export function openPool(options: { url: string; connections: number }): Pool {
  const pool = new Pool({
    connectionString: options.url,
    max: options.connections,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
  })
  // One that is lost between being handed out and its first statement says so while nobody else listens.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const take: () => Promise<PoolClient> = pool.connect.bind(pool)
  const unused = new WeakSet<object>()
  pool.on('connect', (client) => unused.add(client))

  const connect = async (): Promise<PoolClient> => {
    try {
      return await take()
    } catch (error) {
      // Who is refused by name or password is so again.
      throw /^(28|3D)/.test(String(codeOf(error))) ? error : new NotConnected(error)
    }
  }
  /** A connection and its answer to a statement; it is given back where that fails. */
  const ask = async (statement: { text: string }): Promise<{ client: PoolClient; answer: unknown }> => {
    // All that lie idle may have been lost together, and not have been noticed.
    for (let tries = 1; ; tries += 1) {
      let client: PoolClient | undefined
      let isNew = true
      try {
        client = await connect()
        isNew = unused.delete(client)
        return { client, answer: await client.query(statement) }
      } catch (error) {
        client?.release(error as Error)
        const mayRepeat = isNotDone(error) || (isLost(error) && isRead(statement.text))
        if (!mayRepeat || (isNew && tries > 1) || tries > options.connections) throw troubleOf(error)
      }
    }
  }
  const query: Query = async (statement) => {
    const { client, answer } = await ask(statement)
    client.release()
    return answer
  }
  // What is lost in a transaction is lost with all of it, so it begins on a connection that answers.
  const forTransaction = async () => withTroubles((await ask({ text: 'SELECT 1' })).client)
  return Object.assign(pool, { query, connect: forTransaction })
}

/** Nothing was sent. */
class NotConnected extends Error {
  constructor(cause: unknown) {
    super('No connection to the database.', { cause })
  }
}

/** The connection with its failures in our words, until it is given back. */
function withTroubles(client: PoolClient): PoolClient {
  const { query, release } = client
  const careful: Query = async (statement) => {
    try {
      return await (query as unknown as Query).call(client, statement)
    } catch (error) {
      throw troubleOf(error)
    }
  }
  return Object.assign(client, {
    query: careful,
    release(error?: Error | boolean) {
      Object.assign(client, { query, release })
      release.call(client, error)
    },
  })
}

function isNotDone(error: unknown): boolean {
  if (error instanceof NotConnected || notDone.has(codeOf(error))) return true
  return error instanceof Error && notSentWords.has(error.message)
}

function isLost(error: unknown): boolean {
  return error instanceof Error && (lostCodes.has(codeOf(error)) || lostWords.has(error.message))
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code
}

function isRead(text: string): boolean {
  return /^\s*SELECT\b/i.test(text)
}

/** What Prisma leaves of an error of its driver's that it does not know: the code, and what it has under `meta`. */
function troubleOf(error: unknown): unknown {
  if (isNotDone(error)) return named('database.notReached', error)
  return isLost(error) ? named('database.lost', error) : error
}

type Trouble = 'database.notReached' | 'database.lost'

function named(kind: Trouble, cause: unknown): Error {
  return Object.assign(fail(kind, {}, { cause }), { meta: { trouble: kind, isAway: cause instanceof NotConnected } })
}

/** Whether no connection was to be had at all. */
export function isAway(error: unknown): boolean {
  return (error as { meta?: { isAway?: boolean } }).meta?.isAway === true
}

/** Ours again, where Prisma made another of it. */
export function databaseError(error: unknown): unknown {
  const { meta } = error as { meta?: { trouble?: Trouble } }
  return meta?.trouble === undefined ? error : fail(meta.trouble, {}, { cause: error })
}
