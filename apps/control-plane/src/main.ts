import { createLogger } from '@flotilla/log'
import { toFlotillaError } from '@flotilla/protocol'
import { type ControlPlane, startControlPlane } from './control-plane.ts'
import { readEnv } from './env.ts'

const graceMs = 12_000

async function main(): Promise<void> {
  const env = readEnv()
  const log = createLogger('control-plane', env.logLevel)
  const stop = new AbortController()
  let controlPlane: ControlPlane | undefined
  const end = () => {
    if (stop.signal.aborted) return
    stop.abort()
    setTimeout(() => process.exit(1), graceMs).unref()
    controlPlane
      ?.close()
      .then(() => process.exit(0))
      .catch((error: unknown) => {
        log.error({ err: error }, 'the control plane did not end cleanly')
        process.exit(1)
      })
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
  try {
    controlPlane = await startControlPlane({ env, log, signal: stop.signal })
  } catch (error) {
    if (stop.signal.aborted) process.exit(0) // it was asked to end before it had begun
    throw error
  }
  if (stop.signal.aborted) await controlPlane.close().then(() => process.exit(0))
}

main().catch((thrown: unknown) => {
  const error = toFlotillaError(thrown)
  process.stderr.write(`${error.message}${error.detail === undefined ? '' : `\n${error.detail}`}\n`)
  // A wrong setting is not cured by starting again: the exit code says so to whoever keeps this running.
  process.exit(error.code === 'INVALID_ARGUMENT' ? 78 : 1)
})
