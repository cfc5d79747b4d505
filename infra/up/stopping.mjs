import { setImmediate as turn } from 'node:timers/promises'
import { Stopped } from '../../packages/launch/src/trouble.mjs'

/**
 * From now on the terminal's Ctrl-C, its end and a service manager's TERM abort a signal and end nothing by themselves.
 * @returns {AbortSignal}
 */
export function stopSignal() {
  const stop = new AbortController()
  for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(name, () => stop.abort())
  // Lines that a closed terminal no longer takes must not end what is to be stopped in order.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  return stop.signal
}

/**
 * Lets a signal that came during blocking work be seen, and throws Stopped where one came.
 * @param {AbortSignal} signal
 */
export async function orStop(signal) {
  await turn()
  if (signal.aborted) throw new Stopped('asked to stop')
}

/**
 * @param {AbortSignal} signal
 * @returns {Promise<undefined>} settles when it aborts
 */
export function aborted(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}
