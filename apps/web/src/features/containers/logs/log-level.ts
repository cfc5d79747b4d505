export const levels = ['error', 'warn', 'info', 'debug'] as const
/** What a line says of its own weight; `other` where it says nothing. */
export type Level = (typeof levels)[number] | 'other'

const examined = 240
const field = /"?\b(?:level|lvl|severity|loglevel)\b"?\s*[:=]\s*"?([a-z]+|\d+)/i
const word =
  /(?:^|[\s[(<|:])(fatal|panic|critical|crit|error|err|warning|warn|notice|info|debug|trace)(?=[\s\])>|:]|$)/i
const upper = /\b(FATAL|PANIC|CRITICAL|ERROR|WARNING|WARN|NOTICE|INFO|DEBUG|TRACE)\b/

const names: Record<string, Level> = {
  fatal: 'error',
  panic: 'error',
  critical: 'error',
  crit: 'error',
  alert: 'error',
  emerg: 'error',
  error: 'error',
  err: 'error',
  e: 'error',
  warning: 'warn',
  warn: 'warn',
  w: 'warn',
  notice: 'info',
  info: 'info',
  information: 'info',
  i: 'info',
  debug: 'debug',
  trace: 'debug',
  d: 'debug',
}

/** Reads the level from a line's beginning: a JSON or logfmt field, a word in capitals, or a word in brackets. */
export function levelOf(text: string): Level {
  const start = text.length > examined ? text.slice(0, examined) : text
  const named = field.exec(start)?.[1]
  if (named !== undefined) {
    const number = Number(named)
    if (Number.isInteger(number)) return numbered(number)
    const level = names[named.toLowerCase()]
    if (level !== undefined) return level
  }
  const capital = upper.exec(start)?.[1]
  if (capital !== undefined) return names[capital.toLowerCase()] ?? 'other'
  const plain = word.exec(start.slice(0, 80))?.[1]
  return plain === undefined ? 'other' : (names[plain.toLowerCase()] ?? 'other')
}

/** The numbers of pino and bunyan. */
function numbered(level: number): Level {
  if (level >= 50) return 'error'
  if (level >= 40) return 'warn'
  if (level >= 30) return 'info'
  return level >= 10 ? 'debug' : 'other'
}
