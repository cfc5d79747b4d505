import { join, resolve } from 'node:path'
import { instanceOf } from '@flotilla/config/instance'
import { reserveFrom } from '@flotilla/host'
import { fail } from '@flotilla/protocol'

/** The engines that an agent knows, by the ids under which its host has them. */
export const engineIds = ['oci', 'docker'] as const
export type EngineId = (typeof engineIds)[number]

/** What the environment tells the agent. */
export interface Env {
  /** First six hex digits of sha256 of the data folder's path: what names outside of it carry. */
  instance: string
  dataDir: string
  runDir: string
  logLevel: string
  /** The engines to look for; a machine may have more that are not this agent's business. */
  engines: ReadonlySet<EngineId>
  /** Where a Docker daemon may listen. */
  dockerSocket: string
  /** An OCI layout folder with a first image for an empty store. */
  starterLayout: string | undefined
  /** For `join`: a word on the command line could be read by every user of this machine. */
  joinToken: string | undefined
  /** What is held back of the disk, instead of a share of it. */
  reserveBytes: number | undefined
  /** Kills the agent at a named point; for tests. */
  failAt: string | undefined
}

/** Throws INVALID_ARGUMENT where a setting has no meaning. */
export function readEnv(env: NodeJS.ProcessEnv = process.env): Env {
  const root = resolve(env.FLOTILLA_DATA_DIR ?? '/var/lib/flotilla')
  const instance = instanceOf(root)
  return {
    instance,
    dataDir: join(root, 'agent'),
    runDir: resolve(env.FLOTILLA_RUN_DIR ?? `/run/flotilla/${instance}`),
    logLevel: env.FLOTILLA_LOG_LEVEL ?? 'info',
    engines: enginesFrom(env.FLOTILLA_ENGINES),
    dockerSocket: env.FLOTILLA_DOCKER_SOCKET ?? '/var/run/docker.sock',
    starterLayout: env.FLOTILLA_STARTER_LAYOUT,
    joinToken: env.FLOTILLA_JOIN_TOKEN,
    reserveBytes: reserveFrom(env.FLOTILLA_RESERVE_BYTES),
    failAt: env.FLOTILLA_FAIL_AT,
  }
}

function enginesFrom(setting: string | undefined): ReadonlySet<EngineId> {
  if (setting === undefined || setting.trim() === '') return new Set(engineIds)
  const asked = setting.split(',').map((name) => name.trim())
  const unknown = asked.find((name) => !engineIds.some((id) => id === name))
  if (unknown !== undefined) {
    throw fail('agent.noEngine', { engine: unknown, known: engineIds.join(',') })
  }
  return new Set(engineIds.filter((id) => asked.includes(id)))
}
