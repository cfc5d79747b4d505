import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { installDependencies } from './dependencies.mjs'
import { sourceHash } from '../../packages/launch/src/sources.mjs'
import { stage, stagedFolder } from '../../packages/launch/src/stage.mjs'
import { alone, work } from './work.mjs'

/** What is built: everything, or the agent alone for a host that joins a platform elsewhere. */
const kinds = {
  platform: { what: 'the agent, the control plane and the dashboard', filter: [] },
  agent: { what: 'the agent', filter: ['--filter=@flotilla/agent'] },
}

/** @typedef {keyof typeof kinds} Kind */

/**
 * Builds and stages the programs, where that was not done for these very sources. One build at a time in a clone.
 * @param {{ root: string, builds: string, kind: Kind, say: (line: string) => void, signal: AbortSignal }} options
 * @returns {Promise<string>} the staged folder
 */
export async function stagedBuild({ root, builds, kind, say, signal }) {
  const name = `${kind}-${sourceHash(root)}`
  if (existsSync(stagedFolder(builds, name))) return stagedFolder(builds, name)
  return alone(root, say, signal, async () => {
    await installDependencies(root, say, signal)
    const { what, filter } = kinds[kind]
    say(`Building ${what}.`)
    const started = performance.now()
    if (kind === 'platform') {
      const argv = [process.execPath, join(root, 'infra/ci/generate.mjs')]
      await work(argv, { root, name: 'Making the database client', signal })
    }
    const turbo = [join(root, 'node_modules/.bin/turbo'), 'run', 'build', ...filter]
    const quiet = ['--ui=stream', '--output-logs=errors-only', '--no-daemon']
    await work([...turbo, ...quiet], { root, name: 'The build', signal })
    const folder = stage({ root, builds, kind, name })
    say(`Built in ${Math.round((performance.now() - started) / 1000)} s.`)
    return folder
  })
}
