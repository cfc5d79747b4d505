import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from '@flotilla/engine'
import { createFakeEngine } from '@flotilla/testkit'
import { connect, memoryPair, serve } from '@flotilla/link'
import { createLogger, type Logger } from '@flotilla/log'
import { agentMethods, engineMethods, type Registry, registry } from '@flotilla/protocol'
import { createAgent } from '../agent.ts'

interface OpenOptions {
  engine?: Engine
  /** Those beside it. */
  more?: readonly Engine[]
  dataDir?: string
  nouns?: Registry
  log?: Logger
}

/** A whole agent over a fake engine, called through a link in memory. With `dataDir` it goes on where another ended. */
export async function openAgent(options: OpenOptions = {}) {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'agent-')))
  const engine = options.engine ?? createFakeEngine()
  const agent = await createAgent({
    engines: [engine, ...(options.more ?? [])],
    dataDir,
    version: 'test',
    log: options.log ?? createLogger('test', 'silent'),
    nouns: options.nouns ?? registry,
    reserveBytes: 0,
  })
  await agent.recover()
  const [near, far] = memoryPair()
  const session = serve(far, { find: (name) => agent.find(name), hello: { version: 'test' } })
  const link = await connect(near, { hello: { version: 'test' } })
  return {
    dataDir,
    engine: link.client(engine.id, engineMethods),
    agent: link.client('agent', agentMethods),
    /** Another engine of it. */
    engineOf: (id: string) => link.client(id, engineMethods),
    async close(keep = false) {
      link.close()
      session.close()
      await agent.close()
      if (!keep) await rm(dataDir, { recursive: true, force: true })
    },
  }
}
