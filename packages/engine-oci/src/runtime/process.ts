import { readFile, writeFile } from 'node:fs/promises'
import { isAlive, type ProcessIdentity } from '@flotilla/kernel'
import { z } from 'zod'

/** A process for good, as a record keeps it: its number alone may be given to another one. */
export const StoredProcess: z.ZodType<ProcessIdentity> = z.object({ pid: z.number().int(), startTicks: z.number() })

/** Sends a signal to this very process; false where it is gone. */
export async function signalProcess(target: ProcessIdentity | null, signal: number): Promise<boolean> {
  if (target === null || !(await isAlive(target))) return false
  try {
    process.kill(target.pid, signal)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

/** New at each boot of the machine (random(4)). */
export async function readBootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
}

/**
 * Where the kernel shares the processor among sessions (sched(7), autogroups): what the session that a process leads gets when
 * it is short, as a nice value does for a process. It is not handed on to what is started from there. Nothing is changed where
 * the process has ended or there are no such groups.
 */
export async function shareOfSession(pid: number, nice: number): Promise<void> {
  try {
    await writeFile(`/proc/${pid}/autogroup`, String(nice))
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (!['ESRCH', 'ENOENT'].includes(code)) throw error
  }
}
