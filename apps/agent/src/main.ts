import { mkdir } from 'node:fs/promises'
import os from 'node:os'
import { join } from 'node:path'
import type { ServeOptions } from '@flotilla/link'
import { createLogger } from '@flotilla/log'
import { toFlotillaError } from '@flotilla/protocol'
import { createAgent } from './agent.ts'
import { createEngines } from './engines.ts'
import { readEnv } from './env.ts'
import { listen } from './listener.ts'
import { lockDataDir } from './lock.ts'

const version = '0.1.0'

async function main(): Promise<void> {
  const env = readEnv()
  const log = createLogger('agent', env.logLevel)
  await mkdir(env.dataDir, { recursive: true, mode: 0o700 })
  await mkdir(env.runDir, { recursive: true, mode: 0o755 })
  const unlock = await lockDataDir(env.dataDir)
  const agent = await createAgent({ engines: await createEngines(env, log), dataDir: env.dataDir, version, log })
  await agent.recover()
  const options: ServeOptions = {
    find: (name) => agent.find(name),
    hello: { version, name: os.hostname() },
    onFailure: (path, error) => log.debug({ path, code: error.code, detail: error.detail }, error.message),
  }
  const closeLocal = await listen({ path: join(env.runDir, 'agent.sock'), serve: options, log })

  let ending = false
  const end = (signal: string) => {
    if (ending) return
    ending = true
    log.info({ signal }, 'the agent ends; containers keep running')
    const hard = setTimeout(() => process.exit(1), 10_000)
    hard.unref()
    void closeLocal()
      .then(() => agent.close())
      .catch((error: unknown) => log.error({ err: error }, 'the agent did not end cleanly'))
      .finally(() => {
        unlock()
        process.exit(0)
      })
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
}

main().catch((thrown: unknown) => {
  const error = toFlotillaError(thrown)
  process.stderr.write(`${error.message}${error.detail === undefined ? '' : `\n${error.detail}`}\n`)
  process.exit(1)
})
