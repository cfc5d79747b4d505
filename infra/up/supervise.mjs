import { spawn } from 'node:child_process'
import { closeSync, copyFileSync, existsSync, openSync, readSync, statSync, truncateSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { goAhead } from '../../packages/launch/src/account.mjs'

const largestLogBytes = 20 * 1024 * 1024

/** A process that ends with this cannot be helped by being started again: its last words say what to do. */
const hopeless = 78

/**
 * @typedef {object} Part one process of the platform
 * @property {string} name
 * @property {readonly string[] | (() => readonly string[])} argv asked for anew at each start
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
    const log = openSync(part.logFile, 'a', 0o600)
    const before = statSync(part.logFile).size
    const [program = '', ...argv] = typeof part.argv === 'function' ? part.argv() : part.argv
    const started = Date.now()
    // In a session of its own: the terminal's Ctrl-C reaches this process alone, which stops the parts in order.
    const env = /** @type {NodeJS.ProcessEnv} */ (part.env)
    const begun = spawn(program, argv, { cwd: '/', env, stdio: ['ignore', log, log], detached: true })
    child = begun
    goAhead(begun.pid)
    closeSync(log)
    begun.once('error', (error) => giveUp(`${part.name} could not be started: ${error.message}`))
    begun.once('exit', (code, signal) => {
      if (stopping) return
      quickEnds = Date.now() - started > 60_000 ? 1 : quickEnds + 1
      const how = signal ?? `exit code ${code}`
      if (code === hopeless || quickEnds > 5) {
        const words = lastWords(part.logFile, before)
        const often = code === hopeless ? '' : ` five times in a row (${how})`
        return giveUp(`${part.name} ended${often}${words === '' ? '.' : `: ${words}`} Its log: ${part.logFile}`)
      }
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

/**
 * What a process said at its end: the first plain line after the last one that is a log's.
 * @param {string} logFile
 * @param {number} from where it began to write, in bytes
 */
function lastWords(logFile, from) {
  const size = statSync(logFile).size
  const start = Math.max(from > size ? 0 : from, size - 8192)
  const buffer = Buffer.alloc(size - start)
  const file = openSync(logFile, 'r')
  readSync(file, buffer, 0, buffer.length, start)
  closeSync(file)
  const lines = buffer.toString().split('\n')
  const plain = lines
    .slice(lines.findLastIndex((line) => line.startsWith('{')) + 1)
    .filter((line) => line.trim() !== '')
  return (plain.find((line) => /^\w*Error\b/.test(line)) ?? plain[0] ?? '').slice(0, 500)
}
