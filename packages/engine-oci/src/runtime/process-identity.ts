import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** A process for good: the number alone may be given to another one, together with its start time it is unique per boot. */
export const ProcessIdentity = z.object({ pid: z.number().int().positive(), startTicks: z.string() })
export type ProcessIdentity = z.infer<typeof ProcessIdentity>

/** The process as it is now, or undefined where there is none or it is a zombie (proc(5), fields 3 and 22 of `stat`). */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return undefined // no such process
  }
  // The name in field 2 may hold spaces and parentheses: fields are counted from the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const state = fields[0]
  const startTicks = fields[19]
  if (startTicks === undefined || state === 'Z' || state === 'X') return undefined
  return { pid, startTicks }
}

/** Whether this very process still runs; another one under the same number, and a zombie, do not count. */
export function isAlive(process: ProcessIdentity | null): process is ProcessIdentity {
  return process !== null && identifyProcess(process.pid)?.startTicks === process.startTicks
}

/** Sends a signal to this very process; false where it is gone. */
export function signalProcess(target: ProcessIdentity, signal: number | NodeJS.Signals): boolean {
  if (!isAlive(target)) return false
  try {
    process.kill(target.pid, signal)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

/** New at each boot of the machine (random(4)). */
export function readBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
}
