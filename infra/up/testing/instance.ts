import type { ChildProcess } from 'node:child_process'
import { instanceOf } from '@flotilla/config/instance'
import { once } from 'node:events'
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RunResult, run, spawn } from '@flotilla/host'
import { freePort } from '@flotilla/testkit/lab/free-port'
import { platformBuild } from '@flotilla/testkit/lab/platform-build'
import { startReaper } from '@flotilla/testkit/lab/start-reaper'
import { type Traces, describeTraces, findTraces } from '@flotilla/testkit/lab/traces'
import { asRoot } from '@flotilla/launch/account'

/** An instance of Flotilla, started from a clone as people start it, with a port and folders of its own. */
export interface Instance {
  readonly url: string
  readonly port: number
  /** What names outside of its folders carry. */
  readonly id: string
  readonly dataDir: string
  readonly runDir: string
  readonly isRunning: boolean
  /** What `npm run up` or `npm run agent` has printed since it was started last. */
  output(): string
  /**
   * `npm run up` until it says that it answers, with more in its environment. Gives how long that took, in milliseconds. Throws with
   * its words where it ends.
   */
  up(more?: Record<string, string>): Promise<number>
  /** `npm run agent` with these words, and a line for its standard input. */
  startAgent(words: readonly string[], line: string): void
  /** `npm run NAME` to its end. */
  npm(name: string, argv?: readonly string[], stdin?: string): Promise<RunResult>
  /** Ctrl-C, which a terminal sends to the whole process group. Gives the exit code. */
  interrupt(): Promise<number | null>
  /** Settles when what was started last has ended. */
  ended(): Promise<void>
  /** What it has on this machine now. */
  traces(): Promise<Traces>
  /** Stops it and takes it away with its containers. Gives what it had left behind by then. */
  remove(): Promise<string[]>
}

interface Started {
  child: ChildProcess
  text: string
  ended: Promise<unknown>
}

export async function makeInstance({ root, folder }: { root: string; folder: string }): Promise<Instance> {
  const port = await freePort()
  const dataDir = join(folder, 'data')
  const runDir = join(folder, 'run')
  const id = instanceOf(dataDir)
  const env: Record<string, string> = {
    ...(process.env as Record<string, string>),
    FLOTILLA_PORT: String(port),
    FLOTILLA_DATA_DIR: dataDir,
    FLOTILLA_RUN_DIR: runDir,
    // Whatever else this machine runs is not looked for.
    FLOTILLA_ENGINES: 'oci',
  }
  await mkdir(folder)
  await chmod(folder, 0o755)
  const { reaper: program } = await platformBuild()
  let reaper: ReturnType<typeof startReaper> | undefined
  let last: Started | undefined
  const isRunning = () => last !== undefined && last.child.exitCode === null && last.child.signalCode === null

  /** As a terminal starts it: in a process group of its own. */
  const start = (
    argv: readonly string[],
    { line, more }: { line?: string; more?: Record<string, string> } = {},
  ): Started => {
    // It takes all away when this process lets go of it, also by being killed.
    reaper ??= startReaper(program, { folder, instance: id, native: true })
    const child = spawn(asRoot(['npm', 'run', ...argv]), {
      cwd: root,
      env: { ...env, ...more },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const started: Started = { child, text: '', ended: once(child, 'close') }
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (started.text += chunk.toString()))
    }
    child.stdin?.on('error', () => {}) // it has ended, which its output tells
    child.stdin?.end(line)
    last = started
    return started
  }
  const instance: Instance = {
    ...{ url: `http://127.0.0.1:${port}`, port, id, dataDir, runDir },
    get isRunning() {
      return isRunning()
    },
    output: () => last?.text ?? '',
    async up(more = {}) {
      const begun = performance.now()
      const started = start(['up'], { more })
      while (!started.text.includes('Ctrl-C stops it')) {
        if (!isRunning()) throw new Error(`npm run up ended:\n${started.text}`)
        await sleep(10)
      }
      return performance.now() - begun
    },
    startAgent: (words, line) => void start(['agent', '--', ...words], { line }),
    npm: (name, argv = [], stdin) =>
      run(['npm', 'run', name, '--', ...argv], {
        ...{ cwd: root, env, timeoutMs: 60_000 },
        ...(stdin === undefined ? {} : { stdin }),
      }),
    async interrupt() {
      if (last?.child.pid === undefined || !isRunning()) throw new Error('it does not run')
      process.kill(-last.child.pid, 'SIGINT')
      await last.ended
      return last.child.exitCode
    },
    async ended() {
      await last?.ended
    },
    traces: () => findTraces(folder, id),
    async remove() {
      if (isRunning()) await instance.interrupt()
      const left = await settled(instance)
      await reaper?.end().catch((error: unknown) => left.push(String(error)))
      return left
    },
  }
  return instance
}

/** What is still there once all that is just ending has ended. */
async function settled(instance: Instance): Promise<string[]> {
  const until = performance.now() + 10_000
  for (;;) {
    const left = describeTraces(await instance.traces())
    if (left.length === 0 || performance.now() > until) return left
    await sleep(100)
  }
}
