import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { bundle } from '@flotilla/config/bundle'
import { type Database, openDatabase } from '@flotilla/db'
import { connect } from '@flotilla/link'
import { createLogger } from '@flotilla/log'
import { agentMethods } from '@flotilla/protocol'
import { putDatabase } from '@flotilla/testkit/lab/put-database'
import { startEmbedded } from '../database/embedded.ts'
import { startFakeAgent } from './fake-agent.ts'
import { makeDatabase } from './made-database.ts'
import { testPasswordHash } from './open-control-plane.ts'
import { plainUser } from './plain-user.ts'
import { planeHost, startPlane } from './plane-process.ts'

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
  const start = (failAt: string) =>
    startPlane({ program: join(folder, 'plane.js'), folder, url: server.url, socket: agent.socket, migrations, failAt })
  let plane = await start('')

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
      plane = await start(failAt)
    },
    rest: (method: string, path: string, body?: unknown) => rest(plane.port(), person.key, method, path, body),
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

async function rest(port: number, key: string, method: string, path: string, body?: unknown) {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const headers = {
    host: planeHost,
    authorization: `Bearer ${key}`,
    ...(text === undefined ? {} : { 'content-type': 'application/json' }),
  }
  // `fetch` would say the address and port instead of the name.
  const asked = request({ host: '127.0.0.1', port, method, path: `/api/v1${path}`, headers, agent: false })
  asked.end(text)
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  return { status: answer.statusCode ?? 0, body: (await json(answer)) as Record<string, unknown> }
}
