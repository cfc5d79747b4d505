import { pino } from 'pino'

export type { Logger } from 'pino'

/** Field names whose values never reach a log. */
const secrets = ['password', 'token', 'secret', 'authorization', 'cookie', 'key', 'privateKey', 'credentials']

/**
 * The one logger: JSON lines on standard error, secrets redacted by field name.
 * `level` is a pino level: `debug`, `info`, `warn`, `error`, `silent`.
 */
export function createLogger(name: string, level = 'info') {
  return pino(
    { name, level, redact: { paths: secrets.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' } },
    pino.destination({ fd: 2, sync: true }),
  )
}
