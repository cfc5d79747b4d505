import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { asRoot } from '../../packages/launch/src/account.mjs'
import { orStop } from './stopping.mjs'
import { Stopped, Trouble } from '../../packages/launch/src/trouble.mjs'

/** Most bytes kept of a program's output: its end is what tells. */
const retainedBytes = 6000

/**
 * Runs a program of the build to its end. It and its children go when the signal aborts or this process dies. Throws Trouble
 * with the end of its output where it fails.
 * @param {string[]} argv
 * @param {{ root: string, name: string, signal: AbortSignal }} options `name`: what it is, for the sentence
 * @returns {Promise<string>} the end of its standard output
 */
export async function work(argv, { root, name, signal }) {
  await orStop(signal)
  const [program = '', ...rest] = asRoot(argv)
  const child = spawn(program, rest, {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: buildEnvironment(),
  })
  let said = ''
  let output = ''
  const keep = (/** @type {Buffer} */ chunk) => (said = (said + chunk.toString()).slice(-retainedBytes))
  child.stdout.on('data', (/** @type {Buffer} */ chunk) => (output = (output + chunk.toString()).slice(-retainedBytes)))
  for (const stream of [child.stdout, child.stderr]) stream.on('data', keep)
  const end = () => endGroup(child.pid)
  signal.addEventListener('abort', end, { once: true })
  const how = await new Promise((/** @type {(how: string) => void} */ resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, by) => resolve(by ?? `exit code ${code}`))
  })
  signal.removeEventListener('abort', end)
  if (signal.aborted) throw new Stopped('asked to stop')
  if (how !== 'exit code 0') throw new Trouble(`${name} failed (${how}):\n${said.trim()}`)
  return output
}

/** @param {number | undefined} group */
function endGroup(group) {
  try {
    if (group !== undefined) process.kill(-group, 'SIGTERM')
  } catch {
    // it has ended already
  }
}

/** Ours, without what others set for programs of their own: a build is the same whoever asks for it. */
function buildEnvironment() {
  const env = { ...process.env }
  delete (/** @type {Record<string, unknown>} */ (env)['NODE_ENV'])
  const quiet = { NEXT_TELEMETRY_DISABLED: '1', TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' }
  return { ...env, ...quiet }
}

/**
 * Does something while no other process builds in this clone; waits for one that does.
 * @template T
 * @param {string} root
 * @param {(line: string) => void} say
 * @param {AbortSignal} signal
 * @param {() => Promise<T>} body
 * @returns {Promise<T>}
 */
export async function alone(root, say, signal, body) {
  // The lock is on a file that is always there and belongs to a `flock` that ends with its standard input.
  const [program = '', ...argv] = asRoot(['flock', '--exclusive', join(root, 'package-lock.json'), 'cat'])
  const child = spawn(program, argv, { stdio: ['pipe', 'pipe', 'ignore'], detached: true })
  const waits = setTimeout(() => say('Waiting for another build in this folder.'), 1000)
  const end = () => child.kill('SIGTERM')
  signal.addEventListener('abort', end, { once: true })
  try {
    await new Promise((/** @type {(locked: undefined) => void} */ resolve, reject) => {
      child.once('error', reject)
      child.once('exit', () => reject(new Stopped('the lock was given up')))
      child.stdout.once('data', () => resolve(undefined))
      child.stdin.on('error', () => {}) // it ended; its exit tells
      child.stdin.write('locked\n') // comes back from cat once the lock is held
    })
    clearTimeout(waits)
    return await body()
  } finally {
    clearTimeout(waits)
    signal.removeEventListener('abort', end)
    child.stdin.end()
  }
}
