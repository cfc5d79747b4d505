import { randomBytes } from 'node:crypto'
import { chown, mkdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { run, spawn, writeFileAtomic } from '@flotilla/host'
import type { Logger } from '@flotilla/log'
import { type FlotillaError, fail } from '@flotilla/protocol'
import { Client } from 'pg'
import { findPostgres } from './postgres-binaries.ts'
import { clearStaleLock } from './stale-lock.ts'

/** A plain user and the folder with PostgreSQL's programs that it can reach. */
export interface ServerUser {
  uid: number
  gid: number
  binaries: string
}

export interface EmbeddedOptions {
  /** Holds the cluster, its socket and its password; made where it is not there, owned by the server's user. */
  folder: string
  log: Logger
  /** Whom the server runs as where this process is root, which PostgreSQL refuses; tests alone are. */
  user?: ServerUser | undefined
}

export interface EmbeddedPostgres {
  /** Over the unix socket in the folder; nothing listens on the network. */
  readonly url: string
  /** Settles where the server ends without being asked to. */
  readonly failed: Promise<FlotillaError>
  stop(): Promise<void>
}

type ChildProcess = ReturnType<typeof spawn>

const superuser = 'flotilla'
const database = 'flotilla'
const readyMs = 30_000
const stopMs = 10_000

/** Where a client of the running server connects; the folder tells it everything. */
export async function embeddedUrl(folder: string): Promise<string> {
  const password = (await readFile(join(folder, 'password'), 'utf8')).trim()
  return `postgresql://${superuser}:${password}@localhost/${database}?host=${encodeURIComponent(folder)}`
}

/**
 * Starts the PostgreSQL of the npm package on a unix socket alone, with a generated password, and makes the cluster and the
 * database at the first start. The server dies with this process. CONFLICT where another server holds the folder or a
 * newer PostgreSQL made it.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { folder, log, user } = options
  const binaries = user?.binaries ?? (await findPostgres())
  const cluster = join(folder, 'data')
  if (Buffer.byteLength(join(folder, '.s.PGSQL.5432')) > 107) {
    throw fail('database.folderTooLong', { folder })
  }
  await prepareFolder(options)
  await initialise(binaries, cluster, options)
  await refuseOther(binaries, cluster)
  await clearStaleLock(cluster, folder)
  const server = startServer(binaries, cluster, folder, user)
  const ended = endOf(server)
  const tail = keepTail(server, log)
  let stopping = false
  const failed = ended.then((how) => {
    if (!stopping) return fail('database.ended', { how }, { detail: tail() })
    return new Promise<never>(() => {})
  })
  const stop = async () => {
    stopping = true
    server.kill('SIGINT') // "fast": open connections are ended, everything committed is on disk
    const late = setTimeout(() => server.kill('SIGQUIT'), stopMs)
    await ended
    clearTimeout(late)
  }
  try {
    const url = await embeddedUrl(folder)
    await Promise.race([waitReady(url), failed.then((error) => Promise.reject(error))])
    return { url, failed, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The folder of the cluster, which belongs to the server's user. */
export async function prepareFolder({ folder, user }: Pick<EmbeddedOptions, 'folder' | 'user'>): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (user !== undefined) await chown(folder, user.uid, user.gid)
}

async function initialise(binaries: string, cluster: string, { folder, user }: EmbeddedOptions): Promise<void> {
  if (await exists(join(cluster, 'PG_VERSION'))) return
  await rm(cluster, { recursive: true, force: true }) // half-made: initdb writes PG_VERSION early, but was cut off before
  const passwordFile = join(folder, 'password')
  await writeFileAtomic(passwordFile, `${randomBytes(24).toString('base64url')}\n`, { durable: true })
  if (user !== undefined) await chown(passwordFile, user.uid, user.gid)
  const partial = `${cluster}.partial`
  await rm(partial, { recursive: true, force: true })
  const result = await run(
    [
      ...asUser(user),
      join(binaries, 'initdb'),
      `--pgdata=${partial}`,
      `--username=${superuser}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C.UTF-8',
    ],
    { timeoutMs: 120_000, cwd: '/' },
  )
  if (result.exitCode !== 0) {
    throw fail(
      'database.notMade',
      { folder },
      {
        detail: `${result.stdout.toString().slice(-2000)}\n${result.stderr.slice(-2000)}`,
      },
    )
  }
  await rename(partial, cluster)
}

/** The data of one major version are no other's: that needs a dump by the version that made it. */
async function refuseOther(binaries: string, cluster: string): Promise<void> {
  const made = (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim()
  const { stdout } = await run([join(binaries, 'postgres'), '--version'])
  const ours = /(?<!\d)(\d+)(?:\.\d+)?$/.exec(stdout.toString().trim())?.[1] ?? ''
  if (made === ours) return
  throw fail('database.otherVersion', { folder: dirname(cluster), made, ours })
}

function startServer(binaries: string, cluster: string, folder: string, user: EmbeddedOptions['user']): ChildProcess {
  return spawn(
    [
      ...asUser(user),
      join(binaries, 'postgres'),
      ...['-D', cluster, '-k', folder, '-h', ''],
      ...['-c', 'unix_socket_permissions=0700', '-c', 'max_connections=50', '-c', 'shared_buffers=32MB'],
      ...['-c', 'logging_collector=off', '-c', 'jit=off', '-c', 'max_wal_size=128MB', '-c', 'min_wal_size=64MB'],
      // Nothing is replicated. With room for its origins each checkpoint writes a new file, and ends the server on a full disk.
      ...['-c', 'max_active_replication_origins=0', '-c', 'max_replication_slots=0', '-c', 'max_wal_senders=0'],
    ],
    // A group of its own: Ctrl-C in the terminal is for us, and we end it in order.
    { stdio: ['ignore', 'ignore', 'pipe'], detached: true, cwd: '/' },
  )
}

/** A parent that dies hard takes the server along: the kernel sends it the signal for a fast end. */
function asUser(user: EmbeddedOptions['user']): string[] {
  const who = user === undefined ? [] : [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups']
  return ['setpriv', ...who, '--pdeathsig', 'INT', '--']
}

function endOf(server: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    server.once('error', (error) => resolve(error.message))
    server.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
}

/** The server's last words, for the error; its lines go to our log at debug. */
function keepTail(server: ChildProcess, log: Logger): () => string {
  let tail = ''
  server.stderr?.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString()).slice(-4000)
    log.debug({ postgres: chunk.toString().trimEnd() }, 'database')
  })
  return () => tail
}

async function waitReady(url: string): Promise<void> {
  const until = performance.now() + readyMs
  const admin = url.replace(`/${database}?`, '/postgres?')
  for (;;) {
    const client = new Client({ connectionString: admin, connectionTimeoutMillis: 5000 })
    try {
      await client.connect()
      const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database])
      if (rowCount === 0) await client.query(`CREATE DATABASE ${database}`)
      return
    } catch (error) {
      if (performance.now() > until) {
        throw fail('database.silent', {}, { cause: error })
      }
      await sleep(20)
    } finally {
      await client.end().catch(() => undefined) // it may never have been connected
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
