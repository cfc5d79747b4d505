import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { needReachable, ownFolder } from '../../packages/launch/src/account.mjs'
import { Trouble } from '../../packages/launch/src/trouble.mjs'

const root = { uid: 0, gid: 0 }

/** What stands in a data folder of ours. */
const known = ['app', 'agent', 'control-plane', 'postgres', 'logs']

/**
 * Makes the data folder and the run folder. Throws Trouble where the plain user could not reach them, or where the data folder is
 * somebody else's.
 * @param {import('../../packages/launch/src/settings.mjs').Settings} settings
 * @param {import('../../packages/launch/src/environment.mjs').Places} places
 */
export function preparePlaces({ dataDir, runDir }, places) {
  process.umask(0o022) // folders above ours are made for all to pass, whatever the shell says
  if (existsSync(dataDir)) {
    const content = readdirSync(dataDir)
    if (content.length > 0 && !content.some((name) => known.includes(name))) {
      throw new Trouble(
        `${dataDir} holds other things than Flotilla's. Choose an empty or a new folder as FLOTILLA_DATA_DIR.`,
      )
    }
  }
  needReachable(places.builds, 'FLOTILLA_DATA_DIR=/var/lib/flotilla')
  needReachable(places.agentSocket, 'FLOTILLA_RUN_DIR=/run/flotilla')
  mkdirSync(dataDir, { recursive: true })
  ownFolder(dataDir, root, 0o755)
  if (!existsSync(runDir)) ownFolder(runDir, root, 0o755)
}

/**
 * The folders in the data folder: each belongs to whoever writes there.
 * @param {import('../../packages/launch/src/environment.mjs').Places} places
 * @param {{ uid: number, gid: number } | undefined} user undefined where the agent runs alone
 */
export function prepareFolders(places, user) {
  ownFolder(places.builds, root, 0o755)
  ownFolder(places.logs, root, 0o700)
  ownFolder(places.agentData, root, 0o700)
  if (user === undefined) return
  ownFolder(places.controlPlaneData, user, 0o700)
  ownFolder(places.postgresData, user, 0o700)
}
