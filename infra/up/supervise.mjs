import { spawn } from 'node:child_process'
import { closeSync, copyFileSync, existsSync, openSync, statSync, truncateSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const largestLogBytes = 20 * 1024 * 1024

/**
 * @typedef {object} Part one process of the platform
 * @property {string} name
 * @property {readonly string[]} argv
 * @property {Record<string, string>} env
 * @property {string} logFile
 */

/**
 * Keeps one process of the platform running until it is told to stop.
 * @param {Part} part
 * @param {(line: string) => void} say
 */
export function supervise(part, say) {
  let stopping = false
  let quickEnds = 0
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child
  /** @type {(reason: string) => void} */
  let giveUp = () => {}
  const failed = new Promise((/** @type {(reason: string) => void} */ resolve) => (giveUp = resolve))

  const start = () => {
    const log = openLog(part.logFile)
    const [program = '', ...argv] = part.argv
    const started = Date.now()
    // In a session of its own: the terminal's Ctrl-C reaches this process alone, which stops the parts in order.
    const env = /** @type {NodeJS.ProcessEnv} */ (part.env)
    const begun = spawn(program, argv, { cwd: '/', env, stdio: ['ignore', log, log], detached: true })
    child = begun
    closeSync(log)
    begun.once('error', (error) => giveUp(`${part.name} could not be started: ${error.message}`))
    begun.once('exit', (code, signal) => {
      if (stopping) return
      quickEnds = Date.now() - started > 60_000 ? 1 : quickEnds + 1
      const how = signal ?? `exit code ${code}`
      if (quickEnds > 5) return giveUp(`${part.name} ended five times in a row (${how}); see ${part.logFile}`)
      say(`${part.name} ended (${how}); starting it again. Its log: ${part.logFile}`)
      setTimeout(() => stopping || start(), 100 * 2 ** quickEnds)
    })
  }
  start()

  return {
    /** Settles with a sentence when it cannot be kept running. */
    failed,
    pid: () => child?.pid,
    /** Asks it to end, and ends it when it does not within the time. */
    async stop(graceMs = 15_000) {
      stopping = true
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
      const ended = new Promise((resolve) => child?.once('exit', resolve))
      child.kill('SIGTERM')
      const late = new AbortController()
      const timer = sleep(graceMs, 'late', { signal: late.signal }).catch(() => undefined)
      if ((await Promise.race([ended, timer])) === 'late') {
        say(`${part.name} did not end within ${graceMs / 1000} s and is killed.`)
        child.kill('SIGKILL')
        await ended
      }
      late.abort()
    },
    /** The log file is appended to, so that it can be cut under the writer. */
    trimLog() {
      if (existsSync(part.logFile) && statSync(part.logFile).size > largestLogBytes) {
        copyFileSync(part.logFile, `${part.logFile}.1`)
        truncateSync(part.logFile)
      }
    },
  }
}

/** @param {string} path */
function openLog(path) {
  return openSync(path, 'a', 0o600)
}
