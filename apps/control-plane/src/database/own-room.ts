import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '@flotilla/host'
import { Client } from 'pg'

/** What each table and index has beyond its end. */
const beyondBytes = 256 * 1024
/** Files of the write-ahead log, each of 16 MiB: the one that is written and those that are written next. */
const logFiles = 3
const answerMs = 30_000

/**
 * Gives the database blocks of its own, so that it goes on where others leave it none of the disk: a container's root may fill the
 * blocks that many file systems hold back for root, and then none that is released comes to a plain user. Files of its log are made
 * ahead of time, which PostgreSQL uses again and again (min_wal_size), and tables and indexes get blocks beyond their end, where the
 * next page is written. On a file system that writes everything anew, as btrfs, only the reserve helps. Throws what the database
 * or the file system throws.
 */
export async function makeOwnRoom(url: string, cluster: string, signal: AbortSignal): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: answerMs, query_timeout: answerMs })
  try {
    await client.connect()
    await makeLogFiles(client, cluster)
    for (const path of await relationFiles(client)) await makeBeyond(join(cluster, path), signal)
  } finally {
    await client.end().catch(() => undefined) // it may never have been connected
  }
}

/** The server begins the next file, and after a checkpoint it has the old ones for those to come. */
async function makeLogFiles(client: Client, cluster: string): Promise<void> {
  const files = (await readdir(join(cluster, 'pg_wal'))).filter((name) => /^[0-9A-F]{24}$/.test(name))
  if (files.length >= logFiles) return
  for (let begun = 1; begun < logFiles; begun += 1) {
    // A file in which nothing was written is not left for the next.
    await client.query("SELECT pg_logical_emit_message(false, 'flotilla', 'room'), pg_switch_wal()")
  }
  await client.query('CHECKPOINT')
}

/** Of all that is not PostgreSQL's own: tables, their indexes and what is too long for them. */
async function relationFiles(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ path: string }>(
    "SELECT pg_relation_filepath(oid) AS path FROM pg_class WHERE relkind IN ('r', 'i', 't') AND oid >= 16384",
  )
  return rows.map(({ path }) => path)
}

async function makeBeyond(path: string, signal: AbortSignal): Promise<void> {
  const { size, blocks } = await stat(path)
  if (blocks * 512 >= size + beyondBytes / 2) return
  const length = String(size + beyondBytes)
  // What there is of it already stays as it is.
  const { exitCode, stderr } = await run(['fallocate', '--keep-size', '--length', length, path], { signal })
  if (exitCode !== 0) throw new Error(stderr.trim())
}
