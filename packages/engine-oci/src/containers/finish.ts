import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readOomKills } from '@flotilla/kernel'
import { because, outOfMemory, type Reason } from '@flotilla/protocol'
import { bundleOf, cgroupOf, type Context, emit } from './context.ts'
import type { End } from './exit-watch.ts'
import type { ContainerRecord } from './record.ts'
import { planRestart } from './restart-policy.ts'
import { clearRun } from './take-back.ts'

/** 128 and SIGKILL, which is all that an ended process tells of the kernel's want of memory. */
const killedCode = 137

/**
 * Takes in that a run has ended; the caller holds the lock. The code is on disk before the exit file goes, and what the run
 * needed is taken away before the run is forgotten, so that an agent killed in between does the rest later.
 */
export async function finishRun(context: Context, record: ContainerRecord, end: End): Promise<ContainerRecord> {
  const { store, failurePoint } = context
  const { id } = record
  const killed =
    end.exitCode !== 0 && !record.stoppedByUser && !record.renewing && (await wereAnyOomKilled(context, record))
  const oomKilled = killed && end.exitCode === killedCode
  const ended = await store.note(id, {
    phase: 'exited',
    paused: false,
    exitCode: end.exitCode,
    exitReason: oomKilled ? outOfMemory(record.spec.memoryBytes) : (end.reason ?? whyEnded(killed, record)),
    oomKilled,
    finishedAt: end.at,
    ...planRestart(record, end),
  })
  failurePoint('containers.finish.state')
  context.ends.notify(id)
  if (oomKilled) emit(context, 'oom', ended)
  emit(context, 'die', ended)
  return completeFinish(context, ended)
}

/** The second half, which an agent that finds it undone does as well. */
export async function completeFinish(context: Context, record: ContainerRecord): Promise<ContainerRecord> {
  await clearRun(context, record.id)
  const cleared = await context.store.note(record.id, { run: null })
  context.failurePoint('containers.finish.done')
  context.restarts.arm(cleared)
  return cleared
}

/**
 * Whether the kernel killed any process of the run for want of memory, some time: that alone is not why the run ended. The cgroup
 * counts kills; where its count is gone with it, conmon's mark in the bundle tells.
 */
async function wereAnyOomKilled(context: Context, record: ContainerRecord): Promise<boolean> {
  if (record.run?.bootId !== context.bootId) return false
  const kills = await readOomKills(cgroupOf(context, record.id))
  if (kills !== null) return kills > 0
  return stat(join(bundleOf(context, record.id), 'oom')).then(
    () => true,
    () => false,
  )
}

function whyEnded(killed: boolean, { renewing }: ContainerRecord): Reason | null {
  if (killed) return because('container.processKilled')
  return renewing ? because('container.renewing') : null
}
