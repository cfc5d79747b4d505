import type { Engine } from '@flotilla/engine'
import { createLocalClient, type LocalClient } from '@flotilla/testkit'
import { createDockerEngine } from '../create-docker-engine.ts'

export interface Opened extends LocalClient {
  engine: Engine
}

/** An engine over a daemon, recovered. Closing it leaves its containers running. */
export async function openEngine(socketPath: string): Promise<Opened> {
  const log = { warn: (fields: object, message: string) => expectNothing(fields, message) }
  const engine = await createDockerEngine({ id: 'docker', socketPath, log })
  if (engine === undefined) throw new Error(`no daemon listens at ${socketPath}`)
  await engine.recover?.(AbortSignal.timeout(60_000))
  return { engine, ...createLocalClient(engine) }
}

function expectNothing(fields: object, message: string): never {
  throw new Error(message, { cause: fields })
}
