import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from './context.ts'
import { findProcesses, runtimeProgram } from './find-processes.ts'
import { clearRun } from './take-back.ts'

const endWithinMs = 2000

/**
 * Takes away what a start has made that failed, or that nobody waits for any more. A runtime that hangs goes first: it would keep the
 * container from being removed, or go on with one that is taken back. conmon goes when its container does; one that hangs is killed,
 * and what came of it by then taken away too.
 */
export async function clearStart(context: Context, id: string): Promise<void> {
  for (const pid of await findProcesses(id, runtimeProgram)) kill(pid)
  await clearRun(context, id)
  if (await stopLeftovers(id)) await clearRun(context, id)
}

/** True where something had to be killed. */
async function stopLeftovers(id: string): Promise<boolean> {
  const deadline = performance.now() + endWithinMs
  for (;;) {
    const left = await findProcesses(id)
    if (left.length === 0) return false
    if (performance.now() > deadline) {
      for (const pid of left) kill(pid)
      return true
    }
    await sleep(25)
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // it has ended just now
  }
}
