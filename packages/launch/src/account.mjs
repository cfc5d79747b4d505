import { spawnSync } from 'node:child_process'
import { accessSync, chmodSync, chownSync, constants, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { Trouble } from './trouble.mjs'

/** The plain user that the control plane, the dashboard and the database run as. */
export const userName = 'flotilla'

/**
 * The user's and the group's number; the user is made where it is not there.
 * @returns {{ uid: number, gid: number }}
 */
export function plainUser() {
  if (spawnSync('id', ['-u', userName]).status !== 0) {
    const { status, stderr } = spawnSync(
      'useradd',
      [
        '--system',
        '--user-group',
        '--no-create-home',
        '--home-dir',
        '/nonexistent',
        '--shell',
        '/usr/sbin/nologin',
        userName,
      ],
      { encoding: 'utf8' },
    )
    if (status !== 0) throw new Trouble(`The user ${userName} could not be made: ${stderr.trim()}`)
  }
  const number = (/** @type {string} */ flag) => Number(spawnSync('id', [flag, userName], { encoding: 'utf8' }).stdout)
  return { uid: number('-u'), gid: number('-g') }
}

/**
 * A command's arguments, as the plain user, with no rights beyond, ended when its parent dies.
 * @param {readonly string[]} argv
 * @param {{ uid: number, gid: number }} user
 */
export function asPlainUser(argv, { uid, gid }) {
  const who = [
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    '--no-new-privs',
    '--inh-caps=-all',
    '--bounding-set=-all',
  ]
  return ['setpriv', ...who, ...endsWithParent, '--', ...argv]
}

/** A parent that dies hard takes its children along. */
const endsWithParent = ['--pdeathsig', 'TERM']

/**
 * A command's arguments, as root, ended when its parent dies.
 * @param {readonly string[]} argv
 */
export function asRoot(argv) {
  return ['setpriv', ...endsWithParent, '--', ...argv]
}

/**
 * Where the kernel shares the processor among sessions (sched(7), autogroups), the session that a process leads gets three times
 * the usual share where it is short: a host that is busy with its containers still answers people. It is no nice value, which
 * everything started from there would inherit. Without such groups, or without the right, nothing is changed.
 * @param {number | undefined} pid
 */
export function goAhead(pid) {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, '-5')
  } catch {
    // it runs as it would have
  }
}

/**
 * Makes a folder with exactly this owner and mode.
 * @param {string} path
 * @param {{ uid: number, gid: number }} owner
 * @param {number} mode
 */
export function ownFolder(path, { uid, gid }, mode) {
  mkdirSync(path, { recursive: true })
  chownSync(path, uid, gid)
  chmodSync(path, mode)
}

/**
 * Throws a sentence where the plain user could not reach what is to be there: a folder above it is closed to others.
 * @param {string} path
 * @param {string} instead a setting that would do
 */
export function needReachable(path, instead = 'FLOTILLA_DATA_DIR=/var/lib/flotilla') {
  for (let folder = dirname(path); folder !== '/'; folder = dirname(folder)) {
    if (existsSync(folder) && (statSync(folder).mode & 0o001) === 0) {
      throw new Trouble(
        `The user ${userName} cannot reach ${path}, because ${folder} is closed to others. ` +
          `Choose a folder elsewhere: ${instead} npm run up`,
      )
    }
  }
}

/** @param {string} path whether others may read and run it, and reach it */
export function isOpenToAll(path) {
  try {
    accessSync(path, constants.X_OK)
    if ((statSync(path).mode & 0o005) !== 0o005) return false
    needReachable(path)
    return true
  } catch {
    return false
  }
}
