import { spawn } from 'node:child_process'

/**
 * @typedef {{ name: string, argv: string[], env?: Record<string, string>, timeoutMs?: number }} Step
 * @typedef {{ name: string, ok: boolean, ms: number, output: string }} Outcome
 */

/** Most bytes kept of one step's output: its end is what tells. */
const keptBytes = 256 * 1024

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
    const take = (/** @type {Buffer} */ chunk) => {
      if (echo) process.stdout.write(chunk)
      output = (output + chunk.toString()).slice(-keptBytes)
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
 * Runs steps, `width` at a time, and tells each outcome as it comes.
 * @param {Step[]} steps
 * @param {{ cwd: string, width: number, told?: (outcome: Outcome) => void }} options
 * @returns {Promise<Outcome[]>}
 */
export async function runSteps(steps, { cwd, width, told = () => {} }) {
  const queue = [...steps]
  /** @type {Outcome[]} */
  const outcomes = []
  const worker = async () => {
    for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
      const outcome = await runStep(step, { cwd })
      outcomes.push(outcome)
      told(outcome)
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
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
