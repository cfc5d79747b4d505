import { writeSync } from 'node:fs'
import { pino } from 'pino'

export type { Logger } from 'pino'

/** Field names whose values never reach a log. */
const secrets = ['password', 'token', 'secret', 'authorization', 'cookie', 'key', 'privateKey', 'credentials']

/**
 * Lines that a full disk or a closed end does not take are lost: they are no reason to end. Where it took a part of one, the next
 * begins a line of its own.
 */
const standardError = {
  isTorn: false,
  write(line: string): void {
    try {
      const text = this.isTorn ? `\n${line}` : line
      this.isTorn = writeSync(2, text) < Buffer.byteLength(text)
    } catch (error) {
      if (!lost.has((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  },
}
const lost: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EPIPE', 'EIO', 'EAGAIN'])

/**
 * The one logger: JSON lines on standard error, secrets redacted by field name.
 * `level` is a pino level: `debug`, `info`, `warn`, `error`, `silent`. `to`: takes the lines instead.
 */
export function createLogger(name: string, level = 'info', to?: { write(line: string): void }) {
  return pino(
    { name, level, redact: { paths: secrets.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' } },
    to ?? standardError,
  )
}
