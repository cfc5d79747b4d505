import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine, FailurePoint } from '@flotilla/engine'
import { createLocalClient, type LocalClient } from '@flotilla/testkit'
import { createDockerEngine } from '../create-docker-engine.ts'
import type { EngineLog } from '../engine-log.ts'

export interface Opened extends LocalClient {
  engine: Engine
}

/** An engine over a daemon, recovered, with a folder of its own or the given one. Closing it leaves its containers running. */
export async function openEngine(
  socketPath: string,
  options: { dataDir?: string; failurePoint?: FailurePoint; log?: EngineLog } = {},
): Promise<Opened> {
  const log = { warn: (fields: object, message: string) => expectNothing(fields, message) }
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'flotilla-docker-engine-')))
  const engine = await createDockerEngine({ id: 'docker', socketPath, log, ...options, dataDir })
  if (engine === undefined) throw new Error(`no daemon listens at ${socketPath}`)
  await engine.recover?.(AbortSignal.timeout(60_000))
  const close = async () => {
    await engine.close()
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
  }
  return { engine: { ...engine, close }, ...createLocalClient(engine) }
}

function expectNothing(fields: object, message: string): never {
  throw new Error(message, { cause: fields })
}
