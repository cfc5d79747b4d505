import { spawn } from 'node:child_process'

/**
 * `after`: names of steps that have to end first.
 * @typedef {{ name: string, argv: string[], env?: Record<string, string>, timeoutMs?: number, after?: string[] }} Step
 * @typedef {{ name: string, ok: boolean, ms: number, output: string }} Outcome
 */

/** Most bytes kept of one step's output: its end is what tells. */
const retainedBytes = 256 * 1024

/**
 * Runs one program to its end, or kills it and its children at its time limit.
 * @param {Step} step
 * @param {{ cwd: string, echo?: boolean }} options
 * @returns {Promise<Outcome>}
 */
export function runStep(step, { cwd, echo = false }) {
  const { name, argv, env = {}, timeoutMs = 300_000 } = step
  const started = performance.now()
  return new Promise((resolve) => {
    const [program, ...rest] = argv
    const child = spawn(program ?? '', rest, {
      cwd,
      env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1', NEXT_TELEMETRY_DISABLED: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let output = ''
    const say = echo ? linesOf(name) : () => {}
    const take = (/** @type {Buffer} */ chunk) => {
      say(chunk.toString())
      output = (output + chunk.toString()).slice(-retainedBytes)
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    const killAll = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // the group is gone already
      }
    }
    let late = false
    const timer = setTimeout(() => {
      late = true
      killAll()
    }, timeoutMs)
    const onExit = () => killAll()
    process.once('exit', onExit)
    const finish = (/** @type {boolean} */ ok, /** @type {string} */ note) => {
      clearTimeout(timer)
      process.off('exit', onExit)
      resolve({ name, ok, ms: performance.now() - started, output: output + note })
    }
    child.once('error', (error) => finish(false, `${program} could not be started: ${error.message}\n`))
    child.once('close', (code, signal) => {
      if (late) finish(false, `\nnot done within ${Math.round(timeoutMs / 1000)} s\n`)
      else finish(code === 0, code === 0 ? '' : `\nended with ${signal ?? `exit code ${code}`}\n`)
    })
  })
}

/**
 * Writes whole lines to standard output, each with the name of the step that said it.
 * @param {string} name
 * @returns {(text: string) => void}
 */
function linesOf(name) {
  let begun = ''
  return (text) => {
    const lines = (begun + text).split('\n')
    begun = lines.pop() ?? ''
    process.stdout.write(lines.map((line) => `${name} | ${line}\n`).join(''))
  }
}

/**
 * Runs steps, `width` at a time and in this order as far as what each comes after has ended, and tells each outcome as it comes.
 * A step whose predecessor is not among them does not wait for it.
 * @param {Step[]} steps
 * @param {{ cwd: string, width: number, echo?: boolean, reported?: (outcome: Outcome) => void }} options
 * @returns {Promise<Outcome[]>}
 */
export async function runSteps(steps, { cwd, width, echo = false, reported = () => {} }) {
  const queue = [...steps]
  /** @type {Map<string, Promise<Outcome>>} */
  const running = new Map()
  /** @type {Outcome[]} */
  const outcomes = []
  const isAwaited = (/** @type {string} */ name) =>
    steps.some((step) => step.name === name) && !outcomes.some((outcome) => outcome.name === name)
  while (outcomes.length < steps.length) {
    for (const step of [...queue]) {
      if (running.size >= width || step.after?.some(isAwaited) === true) continue
      queue.splice(queue.indexOf(step), 1)
      running.set(step.name, runStep(step, { cwd, echo }))
    }
    const outcome = await Promise.race(running.values())
    running.delete(outcome.name)
    outcomes.push(outcome)
    reported(outcome)
  }
  return steps.flatMap((step) => outcomes.filter((outcome) => outcome.name === step.name))
}

/**
 * Names and times in columns.
 * @param {readonly { name: string, ok: boolean, ms: number }[]} outcomes
 * @returns {string}
 */
export function table(outcomes) {
  const wide = Math.max(...outcomes.map((outcome) => outcome.name.length), 4)
  const rows = outcomes.map(
    ({ name, ok, ms }) => `  ${name.padEnd(wide)}  ${(ms / 1000).toFixed(1).padStart(6)} s  ${ok ? 'ok' : 'FAILED'}`,
  )
  return `${rows.join('\n')}\n`
}
