import { existsSync, readFileSync, readdirSync, rmSync, rmdirSync, writeFileSync } from 'node:fs'
import { Trouble } from '../../packages/launch/src/trouble.mjs'

/**
 * Does something as the one process that runs the instance.
 * @param {import('../../packages/launch/src/environment.mjs').Places} places
 * @param {import('../../packages/launch/src/settings.mjs').Settings} settings
 * @param {() => Promise<void>} body
 */
export async function claimed(places, { dataDir, runDir }, body) {
  claim(places.upPid, dataDir)
  try {
    await body()
  } finally {
    rmSync(places.settings, { force: true })
    release(places.upPid, runDir)
  }
}

/**
 * Notes that this process runs the instance; throws where another one does. A note of a dead process is stale.
 * @param {string} path
 * @param {string} dataDir
 */
export function claim(path, dataDir) {
  const holder = holderOf(path)
  if (holder !== undefined) {
    throw new Trouble(
      `Flotilla with the data folder ${dataDir} runs already (process ${holder}). ` +
        'Stop it with Ctrl-C first, or run a second one beside it with another FLOTILLA_DATA_DIR and FLOTILLA_PORT.',
    )
  }
  rmSync(path, { force: true })
  // Of two that come at the same moment one finds the other's note here.
  writeFileSync(path, `${process.pid} ${startTime(process.pid)}\n`, { flag: 'wx' })
}

/**
 * Takes the note away, and the run folder where nothing else is in it.
 * @param {string} path
 * @param {string} runDir
 */
export function release(path, runDir) {
  rmSync(path, { force: true })
  if (existsSync(runDir) && readdirSync(runDir).length === 0) rmdirSync(runDir)
}

/**
 * @param {string} path
 * @returns {number | undefined} the process that runs the instance
 */
export function holderOf(path) {
  if (!existsSync(path)) return undefined
  const [pid, started] = readFileSync(path, 'utf8').trim().split(' ')
  return startTime(Number(pid)) === started && started !== '' ? Number(pid) : undefined
}

/**
 * A process id is used again one day; together with this it is not.
 * @param {number} pid
 * @returns {string} clock ticks since boot, empty where there is no such process
 */
function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
