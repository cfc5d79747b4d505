import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isListening } from './answers.mjs'
import { askSecret } from './ask-secret.mjs'
import { stagedBuild } from './build.mjs'
import { runtimePackages } from './packages.mjs'
import { agentPart, startParts, untilReady } from './platform.mjs'
import { needKernel, needPackages, needRoot } from './preflight.mjs'
import { prepareFolders, preparePlaces } from './prepare.mjs'
import { claimed } from './running.mjs'
import { folders, settingsFrom } from '../../packages/launch/src/settings.mjs'
import { starterImage } from './starter.mjs'
import { aborted, orStop, stopSignal } from './stopping.mjs'
import { Stopped, Trouble, orSayWhy } from '../../packages/launch/src/trouble.mjs'

const say = (/** @type {string} */ line) => process.stdout.write(`${line}\n`)

const usage =
  'npm run agent -- join https://ADDRESS with the token (the dashboard or npm run admin -- token create makes one) in ' +
  'FLOTILLA_JOIN_TOKEN, on standard input with --token -, or typed when it is asked for, ' +
  'npm run agent once this host has joined, and --no-install'

/** @typedef {{ url: string, token: string }} Join */

/**
 * `npm run agent`: this host's agent alone, for a platform elsewhere.
 * @param {string[]} argv
 */
export function main(argv) {
  return orSayWhy(async () => {
    const { desired, install } = await requestFrom(argv)
    needRoot('npm run agent')
    const settings = settingsFrom(process.env)
    const places = folders(settings)
    const signal = stopSignal()
    if (desired === undefined && joined(places).length === 0) {
      throw new Trouble(`This host has joined no platform yet. Run ${usage}.`)
    }
    preparePlaces(settings, places)
    await claimed(places, settings, async () => {
      needPackages(Object.keys(runtimePackages), !install, say)
      await orStop(signal)
      needKernel()
      prepareFolders(places, undefined)
      const { root } = settings
      const staged = await stagedBuild({ root, builds: places.builds, kind: 'agent', say, signal })
      await starterImage({ root, folder: places.starter, say, signal })
      await orStop(signal)
      await run(settings, places, staged, desired, signal)
    })
  })
}

/**
 * @param {string[]} argv
 * @returns {Promise<{ desired: Join | undefined, install: boolean }>}
 */
async function requestFrom(argv) {
  const options = /** @type {const} */ ({ token: { type: 'string' }, 'no-install': { type: 'boolean' } })
  const { values, positionals } = parsed(argv, options)
  const install = values['no-install'] !== true
  if (positionals.length === 0 && values.token === undefined) return { desired: undefined, install }
  const [command, url, ...more] = positionals
  const wrong = new Trouble(`There are: ${usage}.`)
  if (command !== 'join' || url === undefined || more.length > 0 || !/^https?:\/\//.test(url)) throw wrong
  const token = await tokenFrom(values.token)
  if (token === undefined || token === '') throw wrong
  return { desired: { url, token }, install }
}

/**
 * The token as it was given. Words of a command can be read by every user of the machine, so it need not be one.
 * @param {string | undefined} word
 * @returns {Promise<string | undefined>}
 */
async function tokenFrom(word) {
  if (word === '-') {
    let text = ''
    for await (const chunk of process.stdin) {
      text += chunk
      if (text.includes('\n') || text.length > 10_000) break
    }
    return text.split('\n')[0]?.trim()
  }
  const given = word ?? process.env['FLOTILLA_JOIN_TOKEN']
  if (given === undefined && process.stdin.isTTY) return (await askSecret('Join token: ')).trim()
  return given
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
 * @param {import('../../packages/launch/src/settings.mjs').Settings} settings
 * @param {import('../../packages/launch/src/environment.mjs').Places} places
 * @param {string} staged
 * @param {Join | undefined} desired
 * @param {AbortSignal} signal
 */
async function run(settings, places, staged, desired, signal) {
  const part = agentPart(settings, places, staged)
  const before = Date.now()
  // The agent notes a platform when both have proved who they are; a token works once, so it is not shown again.
  const isJoined = () => desired === undefined || joined(places).some(({ joinedAt }) => Date.parse(joinedAt) >= before)
  const argv = () => [
    ...(typeof part.argv === 'function' ? part.argv() : part.argv),
    ...(desired === undefined || isJoined() ? [] : ['join', desired.url]),
  ]
  const env = { ...part.env, ...(desired === undefined ? {} : { FLOTILLA_JOIN_TOKEN: desired.token }) }
  const agent = startParts([{ ...part, argv, env }], say, places.parts)
  let leaving = /** @type {NodeJS.Timeout | undefined} */ (undefined)
  try {
    await untilReady({
      answers: async () => (await isListening(places.agentSocket)) && isJoined(),
      failed: agent.failed,
      late: `The agent was not ready within a minute; its log is in ${places.logs}`,
      signal,
    })
    agent.keep()
    say(
      `This host belongs to ${joined(places)
        .map(({ url }) => url)
        .join(' and ')}`,
    )
    say('Ctrl-C stops the agent; containers go on. Start it again with npm run agent.')
    leaving = setInterval(() => {
      if (hasJoined(places)) return
      clearInterval(leaving)
      say(
        'This host was removed from its platform. The agent looks after its containers until Ctrl-C and dials nobody.',
      )
    }, 5000)
    await aborted(signal)
  } catch (error) {
    if (!(error instanceof Stopped)) throw error
  } finally {
    clearInterval(leaving)
    say('Stopping the agent. Containers go on.')
    await agent.stop()
  }
}

/**
 * Whether this host belongs to a platform; to be asked again and again, so that a damaged note is the agent's next start's to tell.
 * @param {import('../../packages/launch/src/environment.mjs').Places} places
 */
function hasJoined(places) {
  try {
    return joined(places).length > 0
  } catch {
    return true
  }
}

/**
 * The platforms that this host has joined, as its agent notes them.
 * @param {import('../../packages/launch/src/environment.mjs').Places} places
 * @returns {{ url: string, joinedAt: string }[]}
 */
function joined({ agentData }) {
  const path = join(agentData, 'identity/control-planes.json')
  if (!existsSync(path)) return []
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Trouble(
      `The list of platforms that this host has joined cannot be read (${error instanceof Error ? error.message : error}). ` +
        `Restore ${path}, or move it away and join again.`,
    )
  }
}
