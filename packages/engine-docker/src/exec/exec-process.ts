import { readFile } from 'node:fs/promises'
import { cgroupOf } from '../containers/kernel.ts'
import { isOwnerGone, ownOwner } from '../owner.ts'

/** Docker starts what runs in a session but cannot end it: its process is looked for on this host and killed. */
export async function killExec(containerId: string, pid: number): Promise<void> {
  // A number alone may be another's by now, or that of another machine.
  if (pid === 0 || (await cgroupOf(containerId, pid)) === null) return
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

const mark = 'FLOTILLA_AGENT'

/** Stands in the environment of each session: who has to end it. A later agent ends those of an agent that was killed. */
export async function ownerMark(): Promise<string> {
  return `${mark}=${await ownOwner()}`
}

/** Whether a process is a session's, and the agent that made it is gone. */
export async function isOrphan(pid: number): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
  const found = new RegExp(`(?:^|\\0)${mark}=(\\d+:\\d+)(?:\\0|$)`).exec(text)
  return found?.[1] !== undefined && isOwnerGone(found[1])
}
