import { setMaxListeners } from 'node:events'

/** For what lives as long as the engine: as many may wait for its signal as there are containers. */
export function endless(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}
