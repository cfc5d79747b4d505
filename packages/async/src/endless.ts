import { setMaxListeners } from 'node:events'

/** For what lives long and has many parts: as many may wait for its signal at once as there are containers. */
export function endless(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}
