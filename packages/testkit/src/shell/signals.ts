import { constants } from 'node:os'

/** Thrown inside a process to end it. */
export class ProcessExit extends Error {
  readonly code: number
  constructor(code: number) {
    super(`exit ${code}`)
    this.code = code
  }
}

/** Signals that end nothing where a process has no trap for them. */
export const harmlessSignals: ReadonlySet<string> = new Set(['CHLD', 'WINCH', 'CONT', 'URG', 'STOP', 'TSTP'])

/** `SIGTERM`, `TERM` and `15` are one signal; undefined where there is none of that name. */
export function signalName(text: string): string | undefined {
  const name = text.replace(/^SIG/, '')
  if (/^[0-9]+$/.test(name)) {
    const found = Object.entries(constants.signals).find(([, number]) => number === Number(name))
    return found?.[0].slice(3)
  }
  return `SIG${name}` in constants.signals ? name : undefined
}
