import { createHash } from 'node:crypto'

/**
 * The id of the instance with this data folder: what its bridge, networks, control groups, cookies and run folder carry, so that
 * two instances on a machine never meet. Plain JavaScript, because `npm run up` asks before anything is installed.
 * @param {string} dataDir its absolute path
 * @returns {string} the first six hex digits of the sha256 of the path
 */
export function instanceOf(dataDir) {
  return createHash('sha256').update(dataDir).digest('hex').slice(0, 6)
}
