import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { spawn } from '@flotilla/host'
import { FlotillaError } from '@flotilla/protocol'

/** A program that runs in a lab host until it is stopped or the host is removed. */
export interface Program {
  readonly name: string
  readonly running: boolean
  /** The end of what it has said on standard output and standard error. */
  said(): Promise<string>
  /** TERM, then KILL after the grace. */
  stop(graceMs?: number): Promise<void>
  /** KILL, as a crash would. */
  kill(): Promise<void>
}

export function startProgram(
  name: string,
  argv: readonly string[],
  options: { logFile: string; env?: Record<string, string> },
): Program {
  const child = spawn(argv, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env: options.env })
  const log = createWriteStream(options.logFile, { flags: 'a' })
  child.stdout?.pipe(log, { end: false })
  child.stderr?.pipe(log, { end: false })
  let failure: Error | undefined
  child.once('error', (error) => (failure = error))
  child.once('close', () => log.end())
  const running = () => failure === undefined && child.exitCode === null && child.signalCode === null
  // nsenter forks into the process namespace and waits: the signal must reach the whole group.
  const signal = (which: NodeJS.Signals) => {
    if (child.pid === undefined || !running()) return
    process.kill(-child.pid, which)
  }
  const ended = async (withinMs: number) => {
    if (!running()) return true
    const late = new AbortController()
    const end = once(child, 'exit', { signal: late.signal }).then(
      () => true,
      () => false,
    )
    const result = await Promise.race([end, sleep(withinMs, false, { signal: late.signal }).catch(() => false)])
    late.abort()
    return result
  }
  const kill = async () => {
    signal('SIGKILL')
    if (!(await ended(5000))) throw new FlotillaError('TIMEOUT', `${name} did not end within 5 s of being killed.`)
  }
  return {
    name,
    get running() {
      return running()
    },
    async said() {
      const text = await readFile(options.logFile, 'utf8').catch(() => '')
      return `${failure?.message ?? ''}${text.slice(-8000)}`
    },
    async stop(graceMs = 10_000) {
      signal('SIGTERM')
      if (!(await ended(graceMs))) await kill()
    },
    kill,
  }
}
