import { createLogger } from '@flotilla/log'
import { toFlotillaError } from '@flotilla/protocol'
import { startControlPlane } from './control-plane.ts'
import { readEnv } from './env.ts'

const graceMs = 12_000

async function main(): Promise<void> {
  const env = readEnv()
  const log = createLogger('control-plane', env.logLevel)
  const controlPlane = await startControlPlane({ env, log })
  let ending = false
  const end = (code: number) => {
    if (ending) return
    ending = true
    setTimeout(() => process.exit(1), graceMs).unref()
    controlPlane
      .close()
      .then(() => process.exit(code))
      .catch((error: unknown) => {
        log.error({ err: error }, 'the control plane did not end cleanly')
        process.exit(1)
      })
  }
  process.on('SIGTERM', () => end(0))
  process.on('SIGINT', () => end(0))
  void controlPlane.failed.then((error) => {
    log.error({ err: error }, error.message)
    end(1)
  })
}

main().catch((thrown: unknown) => {
  const error = toFlotillaError(thrown)
  process.stderr.write(`${error.message}${error.detail === undefined ? '' : `\n${error.detail}`}\n`)
  // A wrong setting is not cured by starting again: the exit code says so to whoever keeps this running.
  process.exit(error.code === 'INVALID_ARGUMENT' ? 78 : 1)
})
