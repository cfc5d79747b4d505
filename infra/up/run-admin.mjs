import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { asPlainUser, plainUser } from '../../packages/launch/src/account.mjs'
import { isListening } from './answers.mjs'
import { controlPlaneEnvironment } from '../../packages/launch/src/environment.mjs'
import { askSecret } from './ask-secret.mjs'
import { needRoot } from './preflight.mjs'
import { holderOf } from './running.mjs'
import { briefFlags } from '../../packages/launch/src/memory.mjs'
import { folders, settingsFrom } from '../../packages/launch/src/settings.mjs'
import { newestStaged, nodeFor } from '../../packages/launch/src/stage.mjs'
import { Trouble, orSayWhy } from '../../packages/launch/src/trouble.mjs'

/**
 * `npm run admin`: the control plane's command line, as its user, on the instance that runs.
 * @param {string[]} argv
 */
export function main(argv) {
  return orSayWhy(async () => {
    needRoot('npm run admin')
    const asked = settingsFrom(process.env)
    const places = folders(asked)
    const staged = newestStaged(places.builds, 'platform')
    const running = process.env['DATABASE_URL'] !== undefined || (await isListening(databaseSocket(places)))
    if (staged === undefined || !running) {
      throw new Trouble(
        `Flotilla with the data folder ${asked.dataDir} does not run. Start it first (npm run up), ` +
          'or name the FLOTILLA_DATA_DIR of the one that does.',
      )
    }
    const settings = { ...asked, ...settingsOfRunning(places) }
    const password = await passwordIfAsked(argv)
    const [program = '', ...rest] = asPlainUser(
      [nodeFor(staged), ...briefFlags, join(staged, 'control-plane/admin.js'), ...argv],
      plainUser(),
    )
    const child = spawn(program, rest, {
      cwd: '/',
      env: /** @type {NodeJS.ProcessEnv} */ (
        /** @type {unknown} */ (controlPlaneEnvironment(settings, places, staged))
      ),
      stdio: [password === undefined ? 'inherit' : 'pipe', 'inherit', 'inherit'],
    })
    child.stdin?.on('error', () => {}) // it ended without reading; its exit code tells
    child.stdin?.end(`${password}\n`)
    process.exitCode = await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code) => resolve(code ?? 1))
    })
  })
}

/** @param {import('../../packages/launch/src/environment.mjs').Places} places */
function databaseSocket({ postgresData }) {
  return join(postgresData, '.s.PGSQL.5432')
}

/**
 * The port and the address of the running platform, whatever this shell has set: tokens name them.
 * @param {import('../../packages/launch/src/environment.mjs').Places} places
 * @returns {Partial<import('../../packages/launch/src/settings.mjs').Settings>}
 */
function settingsOfRunning(places) {
  if (holderOf(places.upPid) === undefined || !existsSync(places.settings)) return {}
  try {
    /** @type {import('../../packages/launch/src/settings.mjs').Settings} */
    const { port, listen, publicUrl } = JSON.parse(readFileSync(places.settings, 'utf8'))
    return { port, listen, publicUrl }
  } catch {
    return {} // half written while it starts: then this shell's settings count, as they do for one that does not run
  }
}

/**
 * A person at a terminal is asked for a new user's password, unseen; otherwise it comes by the option or by standard input.
 * @param {string[]} argv
 */
async function passwordIfAsked(argv) {
  const given = argv.some((word) => word === '--password' || word.startsWith('--password='))
  if (argv[0] !== 'user' || argv[1] !== 'create' || given || !process.stdin.isTTY) return undefined
  return askSecret('Password: ')
}
