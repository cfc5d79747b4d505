import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { spawn } from '@flotilla/host'
import { FlotillaError } from '@flotilla/protocol'
import { goAhead } from '@flotilla/launch/account'

export interface PlatformProcess {
  readonly pid: number
  readonly running: boolean
  /** Ends with the process. */
  readonly ended: Promise<void>
  signal(name: NodeJS.Signals): void
  /** TERM, and KILL where it does not end in time, which is an error. */
  stop(): Promise<void>
  kill(): Promise<void>
}

const graceMs = 20_000

/** Starts one program of the platform in a group of its own; what it says goes to the end of a file. */
export function startProcess(argv: readonly string[], env: Record<string, string>, logFile: string): PlatformProcess {
  const log = openSync(logFile, 'a', 0o600)
  const child = spawn(argv, { stdio: ['ignore', log, log], detached: true, env, cwd: '/' })
  closeSync(log)
  if (child.pid === undefined) throw new FlotillaError('INTERNAL', `${argv[0]} could not be started.`)
  const { pid } = child
  goAhead(pid)
  const ended = once(child, 'exit').then(() => {})
  const running = () => child.exitCode === null && child.signalCode === null
  const kill = async () => {
    if (running()) child.kill('SIGKILL')
    await ended
  }
  return {
    pid,
    get running() {
      return running()
    },
    ended,
    signal: (name) => void child.kill(name),
    async stop() {
      if (!running()) return
      child.kill('SIGTERM')
      const late = new AbortController()
      const timer = sleep(graceMs, 'late', { signal: late.signal }).catch(() => undefined)
      const which = await Promise.race([ended, timer])
      late.abort()
      if (which !== 'late') return
      await kill()
      throw new FlotillaError('TIMEOUT', `${argv.at(-1)} did not end within ${graceMs / 1000} s of TERM.`)
    },
    kill,
  }
}

/** Waits until the condition holds, while the process runs. Throws TIMEOUT or UNAVAILABLE with the end of its log. */
export async function untilReady(
  what: string,
  process: PlatformProcess,
  logFile: string,
  condition: () => Promise<boolean>,
  withinMs = 60_000,
): Promise<void> {
  const end = performance.now() + withinMs
  while (!(await condition())) {
    const late = performance.now() > end
    if (process.running && !late) {
      await sleep(25)
      continue
    }
    const detail = (await readFile(logFile, 'utf8').catch(() => '')).slice(-6000)
    const how = late ? `was not ready within ${withinMs / 1000} s` : 'ended'
    throw new FlotillaError(late ? 'TIMEOUT' : 'UNAVAILABLE', `${what} ${how}. It said:\n${detail}`)
  }
}
