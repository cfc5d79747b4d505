import { mkdirSync } from 'node:fs'
import { needReachable, ownFolder, plainUser } from './account.mjs'
import { installDependencies, stagedBuild } from './build.mjs'
import { installPackages, missingPackages, runtimePackages } from './packages.mjs'
import { startPlatform } from './platform.mjs'
import { needKernel, needPort, needRoot } from './preflight.mjs'
import { claim, release } from './running.mjs'
import { folders, settingsFrom } from './settings.mjs'
import { sourceHash } from './sources.mjs'
import { Trouble, orSayWhy } from './trouble.mjs'

const say = (/** @type {string} */ line) => process.stdout.write(`${line}\n`)

/**
 * `npm run up`: from a clone to a running platform.
 * @param {string[]} flags
 */
export function main(flags) {
  return orSayWhy(async () => {
    const unknown = flags.find((flag) => flag !== '--no-install')
    if (unknown !== undefined) throw new Trouble(`npm run up knows --no-install, not ${unknown}.`)
    needRoot('npm run up')
    const settings = settingsFrom(process.env)
    const places = folders(settings)
    mkdirSync(settings.runDir, { recursive: true, mode: 0o755 })
    claim(places.upPid, settings.dataDir)
    try {
      await needPort(settings.port, settings.listen)
      needPackages(flags.includes('--no-install'))
      needKernel()
      needReachable(places.builds)
      const user = plainUser()
      prepareFolders(settings, places, user)
      installDependencies(settings.root, say)
      const staged = stagedBuild({ root: settings.root, builds: places.builds, hash: sourceHash(settings.root), say })
      await run(settings, places, user, staged)
    } finally {
      release(places.upPid, settings.runDir)
    }
  })
}

/**
 * Runs the platform until Ctrl-C or until a part of it cannot be kept running.
 * @param {import('./settings.mjs').Settings} settings
 * @param {ReturnType<typeof folders>} places
 * @param {{ uid: number, gid: number }} user
 * @param {string} staged
 */
async function run(settings, places, user, staged) {
  const platform = await startPlatform(settings, places, user, staged, say)
  const asked = new Promise((/** @type {(why: undefined) => void} */ resolve) => {
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
      process.on(signal, () => resolve(undefined))
  })
  try {
    const ready = await Promise.race([platform.ready().then(() => true), asked])
    if (ready !== true) return
    say(`Flotilla answers at ${settings.publicUrl}`)
    say('Ctrl-C stops it; containers go on.')
    const why = await Promise.race([platform.failed, asked])
    if (why !== undefined) throw new Trouble(why)
  } finally {
    say('Stopping Flotilla.')
    await platform.stop()
  }
}

/** @param {boolean} refuse */
function needPackages(refuse) {
  const missing = missingPackages(Object.keys(runtimePackages))
  if (missing.length === 0) return
  if (refuse) {
    throw new Trouble(
      `These system packages are missing: ${missing.join(' ')}. ` +
        `Install them (apt-get install --no-install-recommends ${missing.join(' ')}) or leave --no-install away.`,
    )
  }
  installPackages(missing, say)
}

/**
 * @param {import('./settings.mjs').Settings} settings
 * @param {ReturnType<typeof folders>} places
 * @param {{ uid: number, gid: number }} user
 */
function prepareFolders({ dataDir, runDir }, places, user) {
  const root = { uid: 0, gid: 0 }
  ownFolder(dataDir, root, 0o755)
  ownFolder(runDir, root, 0o755)
  ownFolder(places.builds, root, 0o755)
  ownFolder(places.logs, root, 0o700)
  ownFolder(places.agentData, root, 0o700)
  ownFolder(places.controlPlaneData, user, 0o700)
  ownFolder(places.postgresData, user, 0o700)
}
