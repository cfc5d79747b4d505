import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { registryConfig } from '../../packages/images/src/registry-config.mjs'
import { asPlainUser, ownFolder } from '../../packages/launch/src/account.mjs'
import { installDependencies } from './dependencies.mjs'
import { orStop } from './stopping.mjs'
import { Trouble } from '../../packages/launch/src/trouble.mjs'
import { work } from './work.mjs'

/** @param {import('../../packages/launch/src/settings.mjs').Settings} settings */
function registryHost({ demoPort }) {
  return `127.0.0.1:${demoPort}`
}

/**
 * A registry on loopback, as the plain user.
 * @param {import('../../packages/launch/src/settings.mjs').Settings} settings
 * @param {import('../../packages/launch/src/environment.mjs').Places} places
 * @param {{ uid: number, gid: number }} user
 * @returns {import('./supervise.mjs').Part}
 */
export function registryPart(settings, places, user) {
  const data = join(places.demo, 'registry')
  const config = join(places.demo, 'registry.yml')
  ownFolder(places.demo, { uid: 0, gid: 0 }, 0o755)
  ownFolder(data, user, 0o700)
  writeFileSync(config, registryConfig({ host: registryHost(settings), data }), { mode: 0o644 })
  return {
    name: 'The demo registry',
    argv: asPlainUser(['docker-registry', 'serve', config], user),
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' },
    logFile: join(places.logs, 'demo-registry.log'),
  }
}

/**
 * Fills the registry with the demo images that it lacks. Throws Trouble where it does not answer or an image cannot be made.
 * @param {import('../../packages/launch/src/settings.mjs').Settings} settings
 * @param {import('../../packages/launch/src/environment.mjs').Places} places
 * @param {(line: string) => void} say
 * @param {AbortSignal} signal
 * @returns {Promise<string[]>} the images' references
 */
export async function fillRegistry(settings, places, say, signal) {
  const host = registryHost(settings)
  await untilItAnswers(host, signal)
  const note = join(places.demo, 'images')
  const noted = existsSync(note)
    ? readFileSync(note, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    : []
  const there = await Promise.all(noted.map((name) => has(host, name)))
  if (noted.length > 0 && there.every(Boolean)) return noted.map((name) => `${host}/${name}`)
  await installDependencies(settings.root, say, signal)
  say('Making the demo images from this system’s files.')
  const layouts = join(places.demo, 'layouts')
  mkdirSync(layouts, { recursive: true })
  const argv = [process.execPath, '--import', 'tsx', join(settings.root, 'packages/images/src/demo.ts'), host, layouts]
  try {
    const said = await work(argv, { root: settings.root, name: 'Making the demo images', signal })
    const references = said.trim().split('\n')
    writeFileSync(note, references.map((reference) => `${reference.slice(host.length + 1)}\n`).join(''))
    return references
  } finally {
    rmSync(layouts, { recursive: true, force: true }) // the registry has it all
  }
}

/**
 * @param {string} host
 * @param {AbortSignal} signal
 */
async function untilItAnswers(host, signal) {
  for (const until = performance.now() + 20_000; ; await sleep(50)) {
    await orStop(signal)
    const answer = await fetch(`http://${host}/v2/`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined)
    if (answer?.ok === true) return
    if (performance.now() > until) throw new Trouble(`The demo registry does not answer on ${host}.`)
  }
}

/**
 * @param {string} host
 * @param {string} name `demo/web:1`
 */
async function has(host, name) {
  const [repository, tag] = name.split(':')
  const accept = 'application/vnd.oci.image.manifest.v1+json'
  const answer = await fetch(`http://${host}/v2/${repository}/manifests/${tag}`, {
    method: 'HEAD',
    headers: { accept },
    signal: AbortSignal.timeout(5000),
  }).catch(() => undefined)
  return answer?.ok === true
}
