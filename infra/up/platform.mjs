import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { asPlainUser, asRoot } from '../../packages/launch/src/account.mjs'
import { healthOf, isListening } from './answers.mjs'
import { agentEnvironment, controlPlaneEnvironment } from '../../packages/launch/src/environment.mjs'
import { orStop } from './stopping.mjs'
import { agentFlags, controlPlaneFlags } from '../../packages/launch/src/memory.mjs'
import { nodeFor } from '../../packages/launch/src/stage.mjs'
import { supervise } from './supervise.mjs'
import { Trouble } from '../../packages/launch/src/trouble.mjs'

/** @typedef {import('../../packages/launch/src/environment.mjs').Places} Places */
/** @typedef {import('./supervise.mjs').Part} Part */

const readyMs = 60_000

/**
 * The agent, as root.
 * @param {import('../../packages/launch/src/settings.mjs').Settings} settings
 * @param {Places} places
 * @param {string} staged
 * @returns {Part}
 */
export function agentPart(settings, places, staged) {
  return {
    name: 'The agent',
    argv: asRoot([nodeFor(staged), ...agentFlags, join(staged, 'agent/agent.js')]),
    env: agentEnvironment(settings, places),
    logFile: join(places.logs, 'agent.log'),
  }
}

/**
 * The control plane with the dashboard and the database, as the plain user.
 * @param {import('../../packages/launch/src/settings.mjs').Settings} settings
 * @param {Places} places
 * @param {{ uid: number, gid: number }} user
 * @param {string} staged
 * @returns {Part}
 */
export function controlPlanePart(settings, places, user, staged) {
  return {
    name: 'The control plane',
    argv: asPlainUser([nodeFor(staged), ...controlPlaneFlags, join(staged, 'control-plane/main.js')], user),
    env: controlPlaneEnvironment(settings, places, staged),
    logFile: join(places.logs, 'control-plane.log'),
  }
}

/**
 * Starts processes, and stops them in the opposite order. One that keeps ending ends no other.
 * @param {Part[]} parts
 * @param {(line: string) => void} say
 * @param {string} stateFile where it stands how each of them does, for whoever asks
 */
export function startParts(parts, say, stateFile) {
  /** @type {Map<string, import('./supervise.mjs').PartState>} */
  const states = new Map()
  const onState = (/** @type {import('./supervise.mjs').PartState} */ state) => {
    states.set(state.name, state)
    writeState(stateFile, [...states.values()], say)
  }
  const running = parts.map((part) => supervise(part, say, { onState }))
  const trimming = setInterval(() => running.forEach((part) => part.trimLog()), 60_000)
  return {
    /** Settles with a sentence when one of them cannot be started; never once they are kept. */
    failed: Promise.race(running.map((part) => part.failed)),
    /** They are ready: from now on whichever ends is started again, however often. */
    keep() {
      for (const part of running) part.keep()
    },
    async stop() {
      clearInterval(trimming)
      for (const part of running.toReversed()) await part.stop()
      rmSync(stateFile, { force: true })
    },
  }
}

/**
 * A reader finds the old states or the new ones.
 * @param {string} path
 * @param {import('./supervise.mjs').PartState[]} states
 * @param {(line: string) => void} say
 */
function writeState(path, states, say) {
  try {
    writeFileSync(`${path}.tmp`, JSON.stringify(states), { mode: 0o600 })
    renameSync(`${path}.tmp`, path)
  } catch (error) {
    say(`The state of the platform cannot be written to ${path}: ${error instanceof Error ? error.message : error}`)
  }
}

/**
 * Whether the agent and the control plane answer by now. One that waits for its database, whose disk may be full, is not to be given up.
 * @param {import('../../packages/launch/src/settings.mjs').Settings} settings
 * @param {Places} places
 */
export async function platformAnswers(settings, places) {
  return (await isListening(places.agentSocket)) && (await healthOf(settings)) !== 'silent'
}

/**
 * Settles when what was started answers. Throws Trouble where one of the processes cannot run or the time is up, and Stopped.
 * @param {{ answers: () => Promise<boolean>, failed: Promise<string>, late: string, signal: AbortSignal }} options
 */
export async function untilReady({ answers, failed, late, signal }) {
  let gone = /** @type {string | undefined} */ (undefined)
  void failed.then((reason) => (gone = reason))
  const until = performance.now() + readyMs
  while (!(await answers())) {
    await orStop(signal)
    if (gone !== undefined) throw new Trouble(gone)
    if (performance.now() > until) throw new Trouble(late)
    await sleep(50)
  }
}
