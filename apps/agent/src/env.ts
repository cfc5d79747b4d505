import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'

/** What the environment tells the agent. */
export interface Env {
  /** First six hex digits of sha256 of the data folder's path: what names outside of it carry. */
  instance: string
  dataDir: string
  runDir: string
  logLevel: string
  /** Where a Docker daemon may listen. */
  dockerSocket: string
  /** An OCI layout folder with a first image for an empty store. */
  starterLayout: string | undefined
  /** For `join`: a word on the command line could be read by every user of this machine. */
  joinToken: string | undefined
  /** Kills the agent at a named point; for tests. */
  failAt: string | undefined
  /** Instead of the real engines, one in memory with so many containers; for tests of scale and of the screen. */
  fakeContainers: number | undefined
  /** How many of their changes a second happen by themselves. */
  fakeChangesPerSecond: number
}

export function readEnv(env: NodeJS.ProcessEnv = process.env): Env {
  const root = resolve(env.FLOTILLA_DATA_DIR ?? '/var/lib/flotilla')
  const instance = createHash('sha256').update(root).digest('hex').slice(0, 6)
  return {
    instance,
    dataDir: join(root, 'agent'),
    runDir: resolve(env.FLOTILLA_RUN_DIR ?? `/run/flotilla/${instance}`),
    logLevel: env.FLOTILLA_LOG_LEVEL ?? 'info',
    dockerSocket: env.FLOTILLA_DOCKER_SOCKET ?? '/var/run/docker.sock',
    starterLayout: env.FLOTILLA_STARTER_LAYOUT,
    joinToken: env.FLOTILLA_JOIN_TOKEN,
    failAt: env.FLOTILLA_FAIL_AT,
    fakeChangesPerSecond: Number(env.FLOTILLA_FAKE_CHANGES_PER_SECOND ?? 0),
    fakeContainers: env.FLOTILLA_FAKE_ENGINE === '1' ? Number(env.FLOTILLA_FAKE_CONTAINERS ?? 0) : undefined,
  }
}
