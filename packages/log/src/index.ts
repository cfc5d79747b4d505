import { pino } from 'pino'

export type { Logger } from 'pino'

/** Field names whose values never reach a log. */
const secrets = ['password', 'token', 'secret', 'authorization', 'cookie', 'key', 'privateKey', 'credentials']

/**
 * The one logger: JSON lines on standard error, secrets redacted by field name.
 * `level` is a pino level: `debug`, `info`, `warn`, `error`, `silent`. `to`: takes the lines instead.
 */
export function createLogger(name: string, level = 'info', to?: { write(line: string): void }) {
  return pino(
    { name, level, redact: { paths: secrets.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' } },
    to ?? pino.destination({ fd: 2, sync: true }),
  )
}
