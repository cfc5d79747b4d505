import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isListening } from './answers.mjs'
import { stagedBuild } from './build.mjs'
import { runtimePackages } from './packages.mjs'
import { agentPart, startParts, untilReady } from './platform.mjs'
import { needKernel, needPackages, needRoot } from './preflight.mjs'
import { prepareFolders, preparePlaces } from './prepare.mjs'
import { claimed } from './running.mjs'
import { folders, settingsFrom } from './settings.mjs'
import { aborted, orStop, stopSignal } from './stopping.mjs'
import { Stopped, Trouble, orSayWhy } from './trouble.mjs'

const say = (/** @type {string} */ line) => process.stdout.write(`${line}\n`)

const usage =
  'npm run agent -- join https://ADDRESS --token TOKEN (the dashboard or npm run admin -- token create makes one), ' +
  'npm run agent once this host has joined, and --no-install'

/** @typedef {{ url: string, token: string }} Join */

/**
 * `npm run agent`: this host's agent alone, for a platform elsewhere.
 * @param {string[]} argv
 */
export function main(argv) {
  return orSayWhy(async () => {
    const { wish, install } = wishFrom(argv)
    needRoot('npm run agent')
    const settings = settingsFrom(process.env)
    const places = folders(settings)
    const signal = stopSignal()
    if (wish === undefined && joined(places).length === 0) {
      throw new Trouble(`This host has joined no platform yet. Run ${usage}.`)
    }
    preparePlaces(settings, places)
    await claimed(places, settings, async () => {
      needPackages(Object.keys(runtimePackages), !install, say)
      await orStop(signal)
      needKernel()
      prepareFolders(places, undefined)
      const staged = await stagedBuild({ root: settings.root, builds: places.builds, kind: 'agent', say, signal })
      await run(settings, places, staged, wish, signal)
    })
  })
}

/**
 * @param {string[]} argv
 * @returns {{ wish: Join | undefined, install: boolean }}
 */
function wishFrom(argv) {
  const options = /** @type {const} */ ({ token: { type: 'string' }, 'no-install': { type: 'boolean' } })
  const { values, positionals } = parsed(argv, options)
  const install = values['no-install'] !== true
  if (positionals.length === 0 && values.token === undefined) return { wish: undefined, install }
  const [command, url, ...more] = positionals
  // Not everybody wants a secret in the list of processes and in the shell's history.
  const token = values.token ?? process.env['FLOTILLA_JOIN_TOKEN']
  if (command !== 'join' || url === undefined || token === undefined || more.length > 0 || !/^https?:\/\//.test(url)) {
    throw new Trouble(`There are: ${usage}.`)
  }
  return { wish: { url, token }, install }
}

/**
 * @template {NonNullable<import('node:util').ParseArgsConfig['options']>} T
 * @param {string[]} args
 * @param {T} options
 */
function parsed(args, options) {
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch (error) {
    throw new Trouble(`${error instanceof Error ? error.message : error} There are: ${usage}.`)
  }
}

/**
 * @param {import('./settings.mjs').Settings} settings
 * @param {import('./environment.mjs').Places} places
 * @param {string} staged
 * @param {Join | undefined} wish
 * @param {AbortSignal} signal
 */
async function run(settings, places, staged, wish, signal) {
  const part = agentPart(settings, places, staged)
  const before = Date.now()
  // The agent notes a platform when both have proved who they are; a token works once, so it is not shown again.
  const isJoined = () => wish === undefined || joined(places).some(({ joinedAt }) => Date.parse(joinedAt) >= before)
  const argv = () => [
    ...(typeof part.argv === 'function' ? part.argv() : part.argv),
    ...(wish === undefined || isJoined() ? [] : ['join', wish.url, '--token', wish.token]),
  ]
  const agent = startParts([{ ...part, argv }], say)
  try {
    await untilReady({
      answers: async () => (await isListening(places.agentSocket)) && isJoined(),
      failed: agent.failed,
      late: `The agent was not ready within a minute; its log is in ${places.logs}`,
      signal,
    })
    say(
      `This host belongs to ${joined(places)
        .map(({ url }) => url)
        .join(' and ')}`,
    )
    say('Ctrl-C stops the agent; containers go on. Start it again with npm run agent.')
    const why = await Promise.race([agent.failed, aborted(signal)])
    if (why !== undefined) throw new Trouble(why)
  } catch (error) {
    if (!(error instanceof Stopped)) throw error
  } finally {
    say('Stopping the agent. Containers go on.')
    await agent.stop()
  }
}

/**
 * The platforms that this host has joined, as its agent notes them.
 * @param {import('./environment.mjs').Places} places
 * @returns {{ url: string, joinedAt: string }[]}
 */
function joined({ agentData }) {
  const path = join(agentData, 'identity/control-planes.json')
  /** @type {{ url: string, joinedAt: string }[]} */
  const known = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : []
  return known
}
