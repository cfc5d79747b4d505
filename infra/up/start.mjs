import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { plainUser } from '../../packages/launch/src/account.mjs'
import { healthOf } from './answers.mjs'
import { stagedBuild } from './build.mjs'
import { fillRegistry, registryPart } from './demo.mjs'
import { demoPackages, runtimePackages } from './packages.mjs'
import { agentPart, controlPlanePart, platformAnswers, startParts, untilReady } from './platform.mjs'
import { flagsFrom, needKernel, needPackages, needPort, needRoot } from './preflight.mjs'
import { prepareFolders, preparePlaces } from './prepare.mjs'
import { claimed } from './running.mjs'
import { folders, settingsFrom } from '../../packages/launch/src/settings.mjs'
import { starterImage } from './starter.mjs'
import { aborted, orStop, stopSignal } from './stopping.mjs'
import { Stopped, orSayWhy } from '../../packages/launch/src/trouble.mjs'

const say = (/** @type {string} */ line) => process.stdout.write(`${line}\n`)

/**
 * `npm run up`: from a clone to a running platform.
 * @param {string[]} argv
 */
export function main(argv) {
  return orSayWhy(async () => {
    const flags = flagsFrom(argv, ['--no-install', '--demo'], 'npm run up')
    needRoot('npm run up')
    const settings = settingsFrom(process.env)
    const places = folders(settings)
    const signal = stopSignal()
    preparePlaces(settings, places)
    await claimed(places, settings, async () => {
      const demo = flags.has('--demo')
      await needPort(settings.port, settings.listen, 'FLOTILLA_PORT')
      if (demo) await needPort(settings.demoPort, '127.0.0.1', 'FLOTILLA_DEMO_PORT')
      needPackages(Object.keys({ ...runtimePackages, ...(demo ? demoPackages : {}) }), flags.has('--no-install'), say)
      await orStop(signal)
      needKernel()
      const user = plainUser()
      prepareFolders(places, user)
      const { root } = settings
      const staged = await stagedBuild({ root, builds: places.builds, kind: 'platform', say, signal })
      await starterImage({ root, folder: places.starter, say, signal })
      await orStop(signal)
      const parts = [agentPart(settings, places, staged), controlPlanePart(settings, places, user, staged)]
      await run(settings, places, demo ? [registryPart(settings, places, user), ...parts] : parts, demo, signal)
    })
  })
}

/**
 * Runs the platform until Ctrl-C. Throws Trouble where a part of it cannot be started at first.
 * @param {import('../../packages/launch/src/settings.mjs').Settings} settings
 * @param {import('../../packages/launch/src/environment.mjs').Places} places
 * @param {import('./supervise.mjs').Part[]} parts
 * @param {boolean} demo
 * @param {AbortSignal} signal
 */
async function run(settings, places, parts, demo, signal) {
  const platform = startParts(parts, say, places.parts)
  const ending = new AbortController()
  let filling = Promise.resolve()
  try {
    await untilReady({
      answers: () => platformAnswers(settings, places),
      failed: platform.failed,
      late: `Flotilla did not answer on port ${settings.port} within a minute; its logs are in ${places.logs}`,
      signal,
    })
    writeFileSync(places.settings, JSON.stringify(settings))
    platform.keep()
    greet(settings, places)
    if ((await healthOf(settings)) === 'waiting') say(waits(places))
    if (demo) filling = fill(settings, places, AbortSignal.any([signal, ending.signal]))
    await aborted(signal)
  } catch (error) {
    if (!(error instanceof Stopped)) throw error
  } finally {
    say('Stopping Flotilla. Containers go on.')
    ending.abort()
    await platform.stop()
    await filling
  }
}

/** @param {import('../../packages/launch/src/environment.mjs').Places} places */
const waits = ({ logs }) =>
  `Its database is not there yet: the page says why, and so does control-plane.log in ${logs}. It begins by itself when that is back.`

/**
 * @param {import('../../packages/launch/src/settings.mjs').Settings} settings
 * @param {import('../../packages/launch/src/environment.mjs').Places} places
 */
function greet({ publicUrl }, places) {
  say(`\nFlotilla answers at ${publicUrl}`)
  if (existsSync(places.setupLink)) {
    say('There is no admin yet. Make the first one with this link, which works once and for a day:')
    say(`  ${readFileSync(places.setupLink, 'utf8').trim()}`)
  }
  say('Ctrl-C stops it; containers go on.')
}

/**
 * @param {import('../../packages/launch/src/settings.mjs').Settings} settings
 * @param {import('../../packages/launch/src/environment.mjs').Places} places
 * @param {AbortSignal} signal
 */
async function fill(settings, places, signal) {
  try {
    const references = await fillRegistry(settings, places, say, signal)
    say(`The demo registry has these images to pull:\n${references.map((reference) => `  ${reference}`).join('\n')}`)
  } catch (error) {
    if (!(error instanceof Stopped))
      say(`The demo registry is not filled: ${error instanceof Error ? error.message : error}`)
  }
}
