import { fail } from '@flotilla/protocol'

/** Linux's numbers of signals on every architecture that Node runs on but MIPS (signal(7)). */
const numbers: Readonly<Record<string, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  IOT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  POLL: 29,
  PWR: 30,
  SYS: 31,
}
const realTimeFirst = 34
const realTimeLast = 64

/**
 * The number of a signal given as `TERM`, `SIGTERM`, `sigterm`, `15`, `RTMIN+3` or `RTMAX-1`.
 * Throws INVALID_ARGUMENT for what the kernel does not know.
 */
export function signalNumber(signal: string): number {
  const number = findSignal(signal)
  if (number !== undefined) return number
  throw fail('container.noSignal', { signal: signal.slice(0, 40) }, { field: ['stopSignal'] })
}

/** The same, with undefined for what the kernel does not know. */
export function findSignal(signal: string): number | undefined {
  const name = signal.trim().toUpperCase().replace(/^SIG/, '')
  const known = numbers[name]
  if (known !== undefined) return known
  if (/^\d{1,2}$/.test(name)) {
    const value = Number(name)
    if (value >= 1 && value <= realTimeLast) return value
  }
  const realTime = /^RT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(name)
  if (realTime !== null) {
    const [, base, sign, offset] = realTime
    const step = Number(offset ?? 0) * (sign === '-' ? -1 : 1)
    const value = (base === 'MIN' ? realTimeFirst : realTimeLast) + step
    if (value >= realTimeFirst && value <= realTimeLast) return value
  }
  return undefined
}

/** `SIGTERM` for 15: how a person reads it. Numbers without a name stay numbers. */
export function signalName(number: number): string {
  const name = Object.keys(numbers).find((key) => numbers[key] === number)
  if (name !== undefined) return `SIG${name}`
  return number >= realTimeFirst && number <= realTimeLast ? `SIGRTMIN+${number - realTimeFirst}` : String(number)
}
