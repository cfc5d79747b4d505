import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { installPackages, missingPackages, runtimePackages, testPackages } from '../up/packages.mjs'
import { starterImage } from '../up/starter.mjs'
import { isApart, runApart } from './apart.mjs'

const reported = 'FLOTILLA_TEST_RUN'

/**
 * Makes the machine ready for tests and goes on apart from it: installs what they need, fetches what they have no network for,
 * and runs this same program again in namespaces of its own. Returns there; the process outside ends with its exit code.
 * @param {{ root: string, say: (line: string) => void, packages?: readonly string[] }} options
 * @returns {Promise<{ mark: string, folder: string }>} text that all that is started carries, and the temporary folder
 */
export async function testMachine({ root, say, packages = [] }) {
  if (isApart()) {
    const mark = process.env[reported] ?? ''
    const folder = join('/tmp', mark, 't')
    mkdirSync(folder, { mode: 0o755 })
    return { mark, folder }
  }
  if (process.getuid?.() !== 0) {
    say('The tests run real containers and need root: use sudo')
    process.exit(2)
  }
  const missing = missingPackages([...Object.keys({ ...runtimePackages, ...testPackages }), ...packages])
  if (missing.length > 0) installPackages(missing, say, { takeUpdates: true })
  // From Debian 13 on Docker's command is a package of its own.
  if (spawnSync('docker', ['--version']).error !== undefined)
    installPackages(['docker-cli'], say, { takeUpdates: true })
  // Short, because the paths of unix sockets under it end at 108 bytes.
  const mark = `ft-${randomBytes(4).toString('hex')}`
  const own = join('/tmp', mark)
  mkdirSync(own, { mode: 0o755 })
  // What it is made of is fetched while there is a network, and kept.
  await starterImage({ root, folder: join(own, 'starter'), say, signal: new AbortController().signal })
  const code = await runApart(process.argv.slice(1), { folder: own, clone: root, env: { [reported]: mark } })
  rmSync(own, { recursive: true, force: true })
  process.exit(code)
}
