import type { Engine } from '@flotilla/engine'
import { createFakeEngine } from '@flotilla/engine/testing'
import type { Logger } from '@flotilla/log'
import type { Env } from './env.ts'

/** The engines of this host. The only file that names any. */
export async function createEngines(env: Env, log: Logger): Promise<Engine[]> {
  if (env.fakeContainers !== undefined) {
    log.warn('FLOTILLA_FAKE_ENGINE is set: containers are made up')
    return [createFakeEngine({ containers: env.fakeContainers })]
  }
  return []
}
