import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { work } from './work.mjs'

/**
 * Installs what the lock file names, where node_modules is not there or of another lock file.
 * @param {string} root
 * @param {(line: string) => void} say
 * @param {AbortSignal} signal
 */
export async function installDependencies(root, say, signal) {
  const stamp = join(root, 'node_modules/.cache/flotilla/lock')
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  // Installed by hand (`npm ci`): npm's own note says which versions.
  if (!isInstalled(root)) {
    say('Installing the npm packages that package-lock.json names.')
    await work(['npm', 'ci', '--include=dev', '--no-audit', '--no-fund'], { root, name: 'npm ci', signal })
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
