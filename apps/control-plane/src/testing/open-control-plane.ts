import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { hashPassword, type Policy } from '@flotilla/auth'
import { createLogger, type Logger } from '@flotilla/log'
import type { Registry, Role, Services } from '@flotilla/protocol'
import { putDatabase } from '@flotilla/testkit/lab/put-database'
import { startControlPlane } from '../control-plane.ts'
import { readEnv } from '../env.ts'
import { makeDatabase } from './made-database.ts'
import { newDatabase } from './shared-server.ts'
import { plainUser } from './plain-user.ts'
import { ownPort } from './own-port.ts'

const migrations = fileURLToPath(new URL('../../../../prisma/migrations', import.meta.url))

export interface TestOptions {
  agentSocket?: string
  dashboardDir?: string
  /** The folder of an instance that was closed with `keep`. */
  folder?: string
  env?: Record<string, string>
  logLevel?: string
  log?: Logger
  nouns?: Registry
  services?: Services
  policy?: Policy
  arrivalMs?: number
  /** The product's own server in the folder, where a program beside it looks for one. */
  ownServer?: boolean
}

/** Of each instance that is open or was closed with `keep`, by its folder. */
const databases = new Map<string, Awaited<ReturnType<typeof newDatabase>>>()

/** A whole control plane with a real database on a port of its own. */
export async function openControlPlane(options: TestOptions = {}) {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'fcp-')))
  await chmod(folder, 0o755)
  await mkdir(folder, { recursive: true })
  const isNew = options.folder === undefined
  if (isNew && options.ownServer !== true) databases.set(folder, await newDatabase(migrations))
  const env = readEnv({
    FLOTILLA_DATA_DIR: folder,
    FLOTILLA_RUN_DIR: join(folder, 'run'),
    FLOTILLA_PORT: String(await ownPort()),
    FLOTILLA_AGENT_SOCKET: options.agentSocket ?? join(folder, 'no-agent.sock'),
    FLOTILLA_MIGRATIONS_DIR: migrations,
    ...(options.dashboardDir === undefined ? {} : { FLOTILLA_DASHBOARD_DIR: options.dashboardDir }),
    FLOTILLA_RESERVE_BYTES: '0',
    DATABASE_URL: databases.get(folder)?.url ?? '',
    ...options.env,
  })
  const forget = async () => {
    await databases.get(folder)?.drop()
    databases.delete(folder)
    await rm(folder, { recursive: true, force: true })
  }
  const log = options.log ?? createLogger('test', options.logLevel ?? 'silent')
  if (isNew && env.databaseUrl === undefined) {
    await putDatabase(join(folder, 'postgres'), (into) => makeDatabase(into, migrations))
  }
  const controlPlane = await startControlPlane({
    ...{ env, log, databaseUser: await plainUser(folder) },
    ...{ nouns: options.nouns, services: options.services, policy: options.policy },
    arrivalMs: options.arrivalMs,
  }).catch(async (error: unknown) => {
    if (isNew) await forget()
    throw error
  })
  const url = `http://127.0.0.1:${env.port}`
  return {
    ...controlPlane,
    env,
    folder,
    url,
    person: (role: Role, name: string = role) => person(controlPlane, role, name),
    async rest(key: string | null, method: string, path: string, body?: unknown) {
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: {
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, headers: response.headers, text, body: parse(text) }
    },
    async signIn(email: string, password: string): Promise<{ status: number; cookie: string; text: string }> {
      const response = await fetch(`${url}/api/auth/sign-in/email`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: url },
        body: JSON.stringify({ email, password }),
      })
      const cookie = response.headers
        .getSetCookie()
        .map((one) => one.split(';')[0])
        .join('; ')
      return { status: response.status, cookie, text: await response.text() }
    },
    async dispose(keep = false) {
      await controlPlane.close()
      if (!keep) await forget()
    },
  }
}
export type TestControlPlane = Awaited<ReturnType<typeof openControlPlane>>

export const testPassword = 'correct horse battery'

let hash: Promise<string> | undefined
/** One for all people of one process: making it is meant to be slow. */
export const testPasswordHash = () => (hash ??= hashPassword(testPassword))

async function person({ app, scope }: Awaited<ReturnType<typeof startControlPlane>>, role: Role, name: string) {
  const passwordHash = await testPasswordHash()
  const member = await app.db.access.createPerson(scope, { email: `${name}@example.org`, name, passwordHash, role })
  const { key } = await app.db.apiKeys.create(scope, { userId: member.userId, name: 'test', expiresAt: null })
  return { ...member, key }
}

/** Waits until the condition holds; the test fails where it does not in time. */
export async function until(condition: () => boolean | Promise<boolean>, ms = 10_000, what = 'it'): Promise<void> {
  const end = performance.now() + ms
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`${what} did not happen within ${ms} ms`)
    await sleep(20)
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}
