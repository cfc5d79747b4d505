import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createFailurePoint, type Engine } from '@flotilla/engine'
import { createDockerEngine } from '@flotilla/engine-docker'
import { createOciEngine, createUnavailableEngine } from '@flotilla/engine-oci'
import { createFakeEngine } from '@flotilla/engine/fake'
import type { Logger } from '@flotilla/log'
import { toFlotillaError } from '@flotilla/protocol'
import type { Env } from './env.ts'
import { KnownEngines } from './known-engines.ts'

/** The engines of this host. The only file that names any. */
export async function createEngines(env: Env, log: Logger): Promise<Engine[]> {
  if (env.fakeContainers !== undefined) {
    log.warn('FLOTILLA_FAKE_ENGINE is set: containers are made up')
    return [createFakeEngine({ containers: env.fakeContainers, changesPerSecond: env.fakeChangesPerSecond })]
  }
  const known = await KnownEngines.open(env.dataDir)
  const [native, docker] = await Promise.all([createNative(env, log), createDocker(env, log, known)])
  return docker === undefined ? [native] : [native, docker]
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
  if (env.fakeContainers !== undefined) return
  const known = await KnownEngines.open(env.dataDir)
  while (agent.find(dockerId) === undefined) {
    await sleep(lookEveryMs, undefined, { signal, ref: false }).catch(() => {}) // the end is seen in the next line
    if (signal.aborted) return
    const engine = await createDocker(env, log, known)
    if (engine !== undefined) await agent.add(engine)
  }
}

async function createDocker(env: Env, log: Logger, known: KnownEngines): Promise<Engine | undefined> {
  const expected = known.has(dockerId)
  const engine = await createDockerEngine({ id: dockerId, socketPath: env.dockerSocket, expected, log })
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
    return createUnavailableEngine(id, error.message)
  }
}

const starterName = 'flotilla.local/starter:latest'
