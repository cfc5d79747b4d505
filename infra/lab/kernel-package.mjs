import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Debian's kernel for virtual machines, fetched once and unpacked beside the build caches; it is not installed. Needs the network
 * where it is not there yet.
 * @param {string} root the project's folder
 * @returns {{ folder: string, image: string, modules: string, release: string }}
 */
export function kernelPackage(root) {
  const folder = join(root, 'node_modules/.cache/flotilla/kernel')
  if (!existsSync(join(folder, 'boot'))) fetchInto(folder)
  const release = readdirSync(join(folder, 'lib/modules'))[0] ?? ''
  return { folder, release, image: join(folder, `boot/vmlinuz-${release}`), modules: join(folder, 'lib/modules') }
}

/** @param {string} folder */
function fetchInto(folder) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  // The name without a version is a package that needs the newest one.
  const said = command(['apt-cache', 'depends', '--no-recommends', '--no-suggests', 'linux-image-cloud-amd64'], folder)
  const name = /Depends: (linux-image-\S+)/.exec(said)?.[1] ?? ''
  command(['apt-get', 'download', '-o', 'APT::Sandbox::User=root', name], folder)
  const archive = readdirSync(folder).find((entry) => entry.endsWith('.deb')) ?? ''
  command(['dpkg-deb', '-x', archive, '.'], folder)
}

/** @param {readonly string[]} argv @param {string} cwd */
function command([program = '', ...argv], cwd) {
  const { status, stdout, stderr, error } = spawnSync(program, argv, { cwd, encoding: 'utf8', timeout: 300_000 })
  if (status !== 0) throw new Error(`${program} ${argv.join(' ')} failed: ${error?.message ?? stderr}`)
  return stdout
}
