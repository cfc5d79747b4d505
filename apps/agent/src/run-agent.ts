import { mkdir } from 'node:fs/promises'
import os from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import type { Engine } from '@flotilla/engine'
import { secure, type ServeOptions } from '@flotilla/link'
import { createLogger, type Logger } from '@flotilla/log'
import { type Registry, registry, toFlotillaError } from '@flotilla/protocol'
import { type Agent, createAgent } from './agent.ts'
import { type Env, readEnv } from './env.ts'
import { IdentityStore } from './join/identity-store.ts'
import { dial, keep } from './join/joiner.ts'
import { readJoinRequest } from './join/read-join-request.ts'
import { trustService } from './join/trust-service.ts'
import { listen } from './listener.ts'
import { lockDataDir } from './lock.ts'

const version = '0.1.0'

/** Where the agent's engines come from. */
export interface EngineSource {
  create(env: Env, log: Logger): Promise<Engine[]>
  /** Gives the engines that begin to be there later; ends with the signal. */
  followLate?(env: Env, log: Logger, agent: Agent, signal: AbortSignal): Promise<void>
  /** What they are made of; left out: the product's own nouns. */
  readonly nouns?: Registry
  /** Whether the agent is the machine's on which it runs; left out: it is. */
  readonly hasMachine?: boolean
}

async function run(source: EngineSource): Promise<void> {
  const env = readEnv()
  // Wrong words are told before anything is touched.
  const desired = await readJoinRequest(process.argv.slice(2), env.joinToken, process.stdin)
  const log = createLogger('agent', env.logLevel)
  await mkdir(env.dataDir, { recursive: true, mode: 0o700 })
  await mkdir(env.runDir, { recursive: true, mode: 0o755 })
  const unlock = await lockDataDir(env.dataDir)
  const { nouns = registry, hasMachine = true } = source
  const engines = await source.create(env, log)
  const agent = await createAgent({
    ...{ engines, dataDir: env.dataDir, version, log, nouns, hasMachine },
    reserveBytes: env.reserveBytes,
  })
  await agent.recover()
  const options: ServeOptions = {
    find: (name) => agent.find(name),
    hello: { version, name: os.hostname() },
    onFailure: (path, error) => log.debug({ path, code: error.code, detail: error.detail }, error.message),
  }
  const store = await IdentityStore.open(env.dataDir, os.hostname())
  const trust = trustService(store, log)
  const local = { ...options, find: (name: string) => (name === 'trust' ? trust : agent.find(name)) }
  const closeLocal = await listen({ path: join(env.runDir, 'agent.sock'), serve: local, log })
  const prove = (duplex: Duplex) =>
    secure(duplex, { side: 'server', identity: store.identity, trust: (fingerprint) => store.trusts(fingerprint) })
  const tlsPath = join(env.runDir, 'agent-tls.sock')
  const closeRemote = await listen({ path: tlsPath, serve: options, log, secure: prove })

  const stop = new AbortController()
  source
    .followLate?.(env, log, agent, stop.signal)
    .catch((error: unknown) => log.error({ err: error }, 'an engine that came later could not be taken in'))
  const joiner = { store, serve: options, log }
  for (const { url, fingerprint } of store.controlPlanes) {
    if (url !== null && url !== desired?.url) void keep(url, fingerprint, joiner, stop.signal)
  }
  if (desired !== undefined) {
    const session = await dial(desired.url, desired.token.fingerprint, joiner, desired.token)
    void keep(desired.url, desired.token.fingerprint, joiner, stop.signal, session)
  }

  let ending = false
  const end = (signal: string) => {
    if (ending) return
    ending = true
    log.info({ signal }, 'the agent ends; containers keep running')
    const hard = setTimeout(() => process.exit(1), 10_000)
    hard.unref()
    stop.abort()
    void Promise.all([closeLocal(), closeRemote()])
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

/** What starting again would not cure, such as a refused token: the exit code says so to whoever keeps the agent running. */
const hopeless: ReadonlySet<string> = new Set(['INVALID_ARGUMENT', 'PERMISSION_DENIED'])

/** Runs the agent until a signal ends it, or ends this process with a sentence of why it cannot. */
export function runAgent(source: EngineSource): void {
  run(source).catch((thrown: unknown) => {
    const error = toFlotillaError(thrown)
    process.stderr.write(`${error.message}${error.detail === undefined ? '' : `\n${error.detail}`}\n`)
    process.exit(hopeless.has(error.code) ? 78 : 1)
  })
}
