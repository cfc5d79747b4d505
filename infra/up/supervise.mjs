import { spawn } from 'node:child_process'
import { closeSync, copyFileSync, existsSync, openSync, readSync, statSync, truncateSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { goAhead } from '../../packages/launch/src/account.mjs'
import { QuickEnds } from './quick-ends.mjs'

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
 * @typedef {object} PartState how a part does
 * @property {string} name
 * @property {'running' | 'waiting'} state waiting: it has ended, and is started again at `nextStartAt`
 * @property {number} quickEnds in a row
 * @property {string} since
 * @property {string | null} nextStartAt
 * @property {string | null} lastWords what it said at its last end, or how it ended
 */

/**
 * @typedef {object} Options
 * @property {(state: PartState) => void} [onState] called with each change
 * @property {number} [firstWaitMs] before the first start after an end; it doubles with each quick end
 * @property {number} [longestWaitMs]
 * @property {number} [steadyMs] what ran for so long did not end quickly
 */

/**
 * Keeps one process of the platform running until it is told to stop: what ends is started again, after a wait that doubles up to
 * half a minute, for ever. Until `keep` is called somebody waits for its first start: then one that keeps ending is given up.
 * @param {Part} part
 * @param {(line: string) => void} say
 * @param {Options} [options]
 */
export function supervise(part, say, options = {}) {
  const { onState = () => {}, firstWaitMs = 200, longestWaitMs = 30_000, steadyMs = 60_000 } = options
  const quickEnds = new QuickEnds(part, firstWaitMs, longestWaitMs)
  let stopping = false
  let isFirstStart = true
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child
  /** @type {NodeJS.Timeout | undefined} of the next start, or until what runs counts as steady */
  let timer
  /** @type {(reason: string) => void} */
  let giveUp = () => {}
  const failed = new Promise((/** @type {(reason: string) => void} */ resolve) => (giveUp = resolve))

  /** @param {string | null} lastWords @param {number} [waitMs] */
  const note = (lastWords, waitMs) => {
    const now = Date.now()
    const nextStartAt = waitMs === undefined ? null : new Date(now + waitMs).toISOString()
    const state = waitMs === undefined ? 'running' : 'waiting'
    const since = new Date(now).toISOString()
    onState({ name: part.name, state, quickEnds: quickEnds.count, since, nextStartAt, lastWords })
  }
  const steady = () => {
    const line = quickEnds.forget()
    if (line !== undefined) say(line)
    note(null)
  }
  /** @param {string} how @param {string} words */
  const ended = (how, words, isHopeless = false) => {
    clearTimeout(timer)
    if (stopping) return
    const { why, line, waitMs } = quickEnds.add({ how, words, isHopeless }, isFirstStart)
    if (why !== undefined) return giveUp(why)
    if (line !== undefined) say(line)
    note(words === '' ? how : words, waitMs)
    timer = setTimeout(start, waitMs)
  }
  const start = () => {
    try {
      const log = openSync(part.logFile, 'a', 0o600)
      const before = statSync(part.logFile).size
      const [program = '', ...argv] = typeof part.argv === 'function' ? part.argv() : part.argv
      // In a session of its own: the terminal's Ctrl-C reaches this process alone, which stops the parts in order.
      const env = /** @type {NodeJS.ProcessEnv} */ (part.env)
      const begun = spawn(program, argv, { cwd: '/', env, stdio: ['ignore', log, log], detached: true })
      child = begun
      goAhead(begun.pid)
      closeSync(log)
      begun.once('error', (error) => ended('it could not be started', error.message))
      begun.once('exit', (code, signal) => {
        ended(signal ?? `exit code ${code}`, lastWords(part.logFile, before), code === hopeless)
      })
    } catch (error) {
      return ended('it could not be started', error instanceof Error ? error.message : String(error))
    }
    note(null)
    timer = setTimeout(steady, steadyMs)
  }
  start()

  return {
    /** Settles with a sentence when it cannot be started; never once it is kept. */
    failed,
    /** From now on it is never given up. */
    keep() {
      isFirstStart = false
    },
    pid: () => child?.pid,
    /** Asks it to end, and ends it when it does not within the time. */
    async stop(graceMs = 15_000) {
      stopping = true
      clearTimeout(timer)
      if (child === undefined || child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
      const gone = new Promise((resolve) => child?.once('exit', resolve))
      child.kill('SIGTERM')
      const late = new AbortController()
      const grace = sleep(graceMs, 'late', { signal: late.signal }).catch(() => undefined)
      if ((await Promise.race([gone, grace])) === 'late') {
        say(`${part.name} did not end within ${graceMs / 1000} s and is killed.`)
        child.kill('SIGKILL')
        await gone
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
  if (!existsSync(logFile)) return ''
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
