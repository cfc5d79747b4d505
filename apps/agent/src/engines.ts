import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createFailurePoint, type Engine } from '@flotilla/engine'
import { createDockerEngine } from '@flotilla/engine-docker'
import { createOciEngine, createUnavailableEngine } from '@flotilla/engine-oci'
import type { Logger } from '@flotilla/log'
import { toFlotillaError } from '@flotilla/protocol'
import type { Env } from './env.ts'
import { KnownEngines } from './known-engines.ts'

/** The engines of this host. The only file that names any. */
export async function createEngines(env: Env, log: Logger): Promise<Engine[]> {
  const known = await KnownEngines.open(env.dataDir, log)
  const engines = await Promise.all([
    env.engines.has('oci') ? createNative(env, log) : undefined,
    env.engines.has('docker') ? createDocker(env, log, known) : undefined,
  ])
  return engines.filter((engine) => engine !== undefined)
}

const dockerId = 'docker'
const lookEveryMs = 15_000

/** Gives the engines that begin to be there after the agent, such as a Docker that is installed later. Ends with the signal. */
export async function followLateEngines(
  env: Env,
  log: Logger,
  agent: { find(name: string): unknown; add(engine: Engine): Promise<void> },
  signal: AbortSignal,
): Promise<void> {
  if (!env.engines.has(dockerId)) return
  const known = await KnownEngines.open(env.dataDir, log)
  while (agent.find(dockerId) === undefined) {
    await sleep(lookEveryMs, undefined, { signal, ref: false }).catch(() => {}) // the end is seen in the next line
    if (signal.aborted) return
    const engine = await createDocker(env, log, known)
    if (engine !== undefined) await agent.add(engine)
  }
}

async function createDocker(env: Env, log: Logger, known: KnownEngines): Promise<Engine | undefined> {
  const expected = known.has(dockerId)
  const engine = await createDockerEngine({
    ...{ id: dockerId, socketPath: env.dockerSocket, dataDir: join(env.dataDir, dockerId), expected, log },
    ...{ failurePoint: createFailurePoint(env.failAt), enginePlaces: [env.runDir] },
  })
  if (engine !== undefined) await known.add(dockerId)
  return engine
}

/** A host that lacks something shows its engine with the reason; the agent runs all the same. */
async function createNative(env: Env, log: Logger): Promise<Engine> {
  const id = 'oci'
  const { instance, runDir } = env
  const starter =
    env.starterLayout === undefined ? {} : { starter: { layout: env.starterLayout, reference: starterName } }
  try {
    return await createOciEngine({
      ...{ id, instance, runDir, dataDir: join(env.dataDir, id), log },
      ...{ failurePoint: createFailurePoint(env.failAt), ...starter },
    })
  } catch (thrown) {
    const error = toFlotillaError(thrown)
    log.error({ code: error.code, detail: error.detail }, `the native engine cannot be used: ${error.message}`)
    return createUnavailableEngine(id, error)
  }
}

const starterName = 'flotilla.local/starter:latest'
