import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from '@flotilla/config/bundle'
import { type Database, openDatabase } from '@flotilla/db'
import { minimalEnv, spawn } from '@flotilla/host'
import { connect } from '@flotilla/link'
import { briefFlags } from '@flotilla/launch/memory'
import { createLogger } from '@flotilla/log'
import { agentMethods } from '@flotilla/protocol'
import { putDatabase } from '@flotilla/testkit/lab/put-database'
import { startEmbedded } from '../database/embedded.ts'
import { startFakeAgent } from './fake-agent.ts'
import { makeDatabase } from './made-database.ts'
import { testPasswordHash, until } from './open-control-plane.ts'
import { plainUser } from './plain-user.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const source = fileURLToPath(new URL('./failing-control-plane.ts', import.meta.url))
const migrations = join(root, 'prisma/migrations')

/** A database and an agent that stay, and control planes over them that are killed one after the other. */
export async function openMortal() {
  const folder = await mkdtemp(join(tmpdir(), 'fmo-'))
  await chmod(folder, 0o755)
  // As a bundle it starts in a fraction of the time, which counts where it dies twenty times.
  const entryPoints = { plane: source }
  await bundle({ entryPoints, outdir: folder, external: ['cpu-features', '*.node', 'pg-native'] })
  const postgres = join(folder, 'postgres')
  await putDatabase(postgres, (into) => makeDatabase(into, migrations))
  const log = createLogger('test', 'silent')
  const server = await startEmbedded({ folder: postgres, log, user: await plainUser(folder) })
  const db = openDatabase({ url: server.url, connections: 2 })
  const agent = await startFakeAgent({ folder: join(folder, 'agent'), containers: 0 })
  const { id: organisationId } = await db.organisations.ensureDefault('Flotilla')
  const scope = { organisationId }
  const person = await personOf(db, scope)
  const socket = net.connect(agent.socket)
  await once(socket, 'connect')
  const link = await connect(socket, { hello: { version: 'test' } })
  const port = 23_000 + (process.pid % 4000) * 2
  let plane = await startPlane({ folder, port, url: server.url, socket: agent.socket })

  return {
    db,
    scope,
    ...person,
    /** The agent itself, past every control plane. */
    host: link.client('agent', agentMethods),
    /** The control plane that is there now ends itself at the point. */
    arm: (point: string) => plane.arm(point),
    killed: () => plane.killed,
    isAlive: () => plane.isAlive(),
    async restart(failAt = '') {
      plane.kill()
      await plane.killed
      plane = await startPlane({ folder, port, url: server.url, socket: agent.socket, failAt })
    },
    rest: (method: string, path: string, body?: unknown) => rest(port, person.key, method, path, body),
    async dispose() {
      plane.kill()
      await plane.killed
      link.close()
      await agent.stop()
      await db.close()
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
export type Mortal = Awaited<ReturnType<typeof openMortal>>

async function personOf(db: Database, scope: { organisationId: string }) {
  const passwordHash = await testPasswordHash()
  const who = { email: 'ada@example.org', name: 'ada', passwordHash, role: 'operator' } as const
  const { userId } = await db.access.createPerson(scope, who)
  const { key } = await db.apiKeys.create(scope, { userId, name: 'test', expiresAt: null })
  return { userId, key }
}

async function startPlane(at: { folder: string; port: number; url: string; socket: string; failAt?: string }) {
  const node = [process.execPath, ...briefFlags, join(at.folder, 'plane.js'), at.failAt ?? '']
  const child = spawn(['setpriv', '--pdeathsig', 'KILL', ...node], {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: root,
    env: {
      ...minimalEnv(),
      FLOTILLA_DATA_DIR: at.folder,
      FLOTILLA_RUN_DIR: join(at.folder, 'run'),
      FLOTILLA_PORT: String(at.port),
      FLOTILLA_AGENT_SOCKET: at.socket,
      FLOTILLA_MIGRATIONS_DIR: migrations,
      DATABASE_URL: at.url,
    },
  })
  let said = ''
  let words = ''
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-4000)))
  const killed = once(child, 'exit').then(([, signal]: (number | string | null)[]) => signal)
  let isOver = false
  void killed.then(() => (isOver = true))
  await until(() => isOver || said.includes('ready'), 30_000, 'the start of a control plane')
  if (isOver && (at.failAt ?? '') === '') throw new Error(`The control plane did not start: ${words}`)
  return {
    killed,
    isAlive: () => !isOver,
    kill: () => child.kill('SIGKILL'),
    async arm(point: string) {
      said = ''
      child.stdin?.write(`${point}\n`)
      await until(() => said.includes('armed'), 5000, 'the arming of a control plane')
    },
  }
}

async function rest(port: number, key: string, method: string, path: string, body?: unknown) {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
