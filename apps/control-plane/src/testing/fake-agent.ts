import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { minimalEnv, spawn } from '@flotilla/host'
import { builtProgram } from '@flotilla/testkit/built-child'

const agentMain = fileURLToPath(new URL('../../../agent/src/testing/fake-agent.ts', import.meta.url))

export interface FakeAgentOptions {
  folder: string
  containers?: number
  /** `join URL` */
  argv?: readonly string[]
  /** A join token: in the environment, or on standard input where the words say `--token -`. */
  token?: string
  /** The agent's source, which is built first: today's unless told otherwise. */
  source?: string
  /** Instead of that: a program as it is. */
  program?: string
  /** What `program` is told besides. */
  env?: Record<string, string>
}

/** The real agent as a process of its own, over an engine in memory: everything but the containers is as in production. */
export async function startFakeAgent(options: FakeAgentOptions) {
  const { folder, containers = 5, argv = [], token, source = agentMain, env = {} } = options
  const program = options.program ?? (await builtProgram(source))
  const runDir = join(folder, 'run')
  // Ends with the tests, also where they are killed.
  const child = spawn(['setpriv', '--pdeathsig', 'TERM', process.execPath, program, ...argv], {
    stdio: [argv.includes('-') ? 'pipe' : 'ignore', 'ignore', 'pipe'],
    env: {
      ...minimalEnv(),
      FLOTILLA_DATA_DIR: folder,
      FLOTILLA_RESERVE_BYTES: '0',
      FLOTILLA_RUN_DIR: runDir,
      FLOTILLA_FAKE_CONTAINERS: String(containers),
      FLOTILLA_LOG_LEVEL: 'warn',
      ...env,
      ...(token === undefined || argv.includes('-') ? {} : { FLOTILLA_JOIN_TOKEN: token }),
    },
    cwd: fileURLToPath(new URL('../../../../', import.meta.url)),
  })
  child.stdin?.end(`${token}\n`)
  let words = ''
  child.stderr?.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-4000)))
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const socket = join(runDir, 'agent.sock')
  const until = performance.now() + 20_000
  while (!existsSync(socket)) {
    if (child.exitCode !== null || performance.now() > until) {
      child.kill('SIGKILL')
      throw new Error(`The agent did not start: ${words}`)
    }
    await sleep(20)
  }
  return {
    socket,
    pid: child.pid,
    signal: (signal: NodeJS.Signals) => child.kill(signal),
    words: () => words,
    async stop(signal: NodeJS.Signals = 'SIGTERM') {
      child.kill('SIGCONT')
      child.kill(signal)
      await ended
    },
  }
}
export type FakeAgent = Awaited<ReturnType<typeof startFakeAgent>>
