import { endless } from '@flotilla/async'
import { setTimeout as sleep } from 'node:timers/promises'
import { cgroupFile, readKernelFile } from '@flotilla/kernel'
import { attempt } from './attempt.ts'
import { clearStart } from './clear-start.ts'
import { bundleOf, cgroupOf, type Context, emit } from './context.ts'
import { completeFinish, finishRun } from './finish.ts'
import { findProcesses } from './find-processes.ts'
import { restoreNetwork } from './network-changes.ts'
import type { ContainerRecord } from './record.ts'
import { watchLog } from './start.ts'
import { takeBack } from './take-back.ts'
import { readLaunched } from '../runtime/conmon.ts'

/** How long conmon and the runtime, which outlive an agent killed in the middle of a start, may take to come to an end. */
const settleMs = 10_000

const halfChanged = 'the networks or ports of a container could not be made what its record says'

/**
 * Takes each container over from where an earlier agent left it: half made ones are completed or taken back, running ones kept.
 * One that cannot be is told and left to the supervisor: it keeps no other, nor the agent. Throws the signal's reason alone.
 */
export async function recoverContainers(context: Context, signal: AbortSignal): Promise<void> {
  // Their logs grow as long as they run, whatever else of them is not known.
  for (const { id } of context.store.setAside.all()) watchLog(context, id)
  const message = 'a container could not be taken over as a whole; the rest is tried again'
  const takeOver = ({ id }: ContainerRecord) => context.locks.run(id, signal, () => recoverContainer(context, id))
  await Promise.all(
    context.store
      .all()
      .map((record) => attempt(context.log, signal, message, () => takeOver(record), { id: record.id })),
  )
}

/** Whether something of a container was left half done; while somebody works on it that holds too, so ask under its lock. */
export function isHalfDone({ phase, run }: ContainerRecord): boolean {
  return phase === 'starting' || phase === 'removing' || (run !== null && (phase === 'created' || phase === 'exited'))
}

/** Goes on with a container from its record; the caller holds the lock. What fails half way is found so by the next call. */
export async function recoverContainer(context: Context, id: string): Promise<void> {
  const record = context.store.get(id)
  switch (record?.phase) {
    case undefined:
      return
    case 'creating':
    case 'removing': {
      // What was being made keeps its mark that its own volumes go with it.
      const removing = await context.store.note(id, { phase: 'removing' })
      await takeBack(context, id)
      emit(context, 'destroy', removing, true)
      return
    }
    case 'starting':
      await recoverStarting(context, record)
      return
    case 'running':
      await adopt(context, record)
      return
    case 'created':
    case 'exited':
      if (record.run !== null) await completeFinish(context, record)
      else context.restarts.arm(record)
  }
}

async function adopt(context: Context, record: ContainerRecord): Promise<void> {
  const end = await context.exits.end(record, context.bootId)
  if (end !== undefined) {
    await finishRun(context, record, end)
    return
  }
  watchLog(context, record.id)
  const paused = await isFrozen(context, record.id)
  if (paused !== record.paused) await context.store.note(record.id, { paused })
  // The signal would end the wait alone: what is half changed is completed.
  await attempt(context.log, endless().signal, halfChanged, () => restoreNetwork(context, record), { id: record.id })
}

async function recoverStarting(context: Context, record: ContainerRecord): Promise<void> {
  const { id, run } = record
  if (run?.bootId === context.bootId && (await settle(context, id)) === 'running') {
    const launched = await readLaunched(bundleOf(context, id))
    const running = await context.store.note(id, {
      phase: 'running',
      run: { ...run, ...launched },
      startedAt: new Date().toISOString(),
      exitCode: null,
      exitReason: null,
      oomKilled: false,
      restartAt: null,
      renewing: false,
    })
    watchLog(context, id)
    emit(context, 'start', running)
    return
  }
  // It was started and has ended since: the code is there, and it is the truth.
  if (run?.bootId === context.bootId && run.process !== null) {
    const end = await context.exits.end(record, context.bootId)
    if (end !== undefined) {
      await finishRun(context, await context.store.note(id, { startedAt: end.at }), end)
      return
    }
  }
  await clearStart(context, id)
  const phase = record.startedAt === null ? 'created' : 'exited'
  context.restarts.arm(await context.store.note(id, { phase, run: null }))
}

/** Waits until nothing works on a container any more, and says what the runtime then knows of it. */
async function settle(context: Context, id: string): Promise<string | undefined> {
  const deadline = performance.now() + settleMs
  for (;;) {
    const state = (await context.runc.state(id))?.status
    if (state !== undefined && state !== 'creating') return state
    if ((await findProcesses(id)).length === 0 || performance.now() > deadline) return state
    await sleep(50)
  }
}

async function isFrozen(context: Context, id: string): Promise<boolean> {
  const cgroup = cgroupOf(context, id)
  const path = cgroupFile(cgroup, 'freezer', cgroup.version === 2 ? 'cgroup.freeze' : 'freezer.state')
  const text = path === null ? null : await readKernelFile(path)
  return text !== null && /^(1|FROZEN|FREEZING)\s*$/.test(text)
}
