import { join } from 'node:path'
import { createFailurePoint, type Engine } from '@flotilla/engine'
import { createOciEngine, createUnavailableEngine } from '@flotilla/engine-oci'
import { createFakeEngine } from '@flotilla/engine/testing'
import type { Logger } from '@flotilla/log'
import { toFlotillaError } from '@flotilla/protocol'
import type { Env } from './env.ts'

/** The engines of this host. The only file that names any. */
export async function createEngines(env: Env, log: Logger): Promise<Engine[]> {
  if (env.fakeContainers !== undefined) {
    log.warn('FLOTILLA_FAKE_ENGINE is set: containers are made up')
    return [createFakeEngine({ containers: env.fakeContainers })]
  }
  return [await createNative(env, log)]
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
