import { signalNumber } from '@flotilla/oci'
import { fail } from '@flotilla/protocol'
import { signalProcess } from '../runtime/process.ts'
import { type Context, emit } from './context.ts'
import { finishRun } from './finish.ts'
import type { ContainerRecord } from './record.ts'
import { startedByUser, startRun } from './start.ts'
import { takeBack } from './take-back.ts'

const sigkill = 9
/** How long a killed container may take to be gone before that is an error. */
const killWaitMs = 15_000

const fresh = (context: Context, id: string): ContainerRecord => context.store.find(id)

/** Idempotent: what runs is answered as it is. */
export function startContainer(context: Context, ref: string, signal: AbortSignal): Promise<ContainerRecord> {
  const { id } = context.store.find(ref)
  return context.locks.run(id, signal, async () => {
    const record = fresh(context, id)
    if (record.phase === 'running') return record
    refuseRemoving(record)
    return startRun(context, record, startedByUser, signal)
  })
}

/** Signals, waits, kills. Idempotent; it also ends a pending restart. */
export function stopContainer(
  context: Context,
  ref: string,
  timeoutSeconds: number | undefined,
  signal: AbortSignal,
): Promise<ContainerRecord> {
  const { id } = context.store.find(ref)
  return context.locks.run(id, signal, () => stopLocked(context, fresh(context, id), timeoutSeconds, signal))
}

async function stopLocked(
  context: Context,
  record: ContainerRecord,
  timeoutSeconds: number | undefined,
  signal: AbortSignal,
): Promise<ContainerRecord> {
  const { store, exits, bootId, failurePoint } = context
  if (record.phase !== 'running') {
    return record.restartAt === null ? record : store.note(record.id, { restartAt: null, stoppedByUser: true })
  }
  const marked = await store.note(record.id, { stoppedByUser: true, restartAt: null })
  failurePoint('containers.stop.state')
  const timeoutMs = (timeoutSeconds ?? record.spec.stopTimeoutSeconds) * 1000
  if (timeoutMs > 0) await signalProcess(record.run?.process ?? null, signalNumber(record.resolved.stopSignal))
  if (record.paused) await context.runc.resume(record.id) // what is frozen cannot follow a signal
  failurePoint('containers.stop.signal')
  let end = timeoutMs === 0 ? undefined : await exits.untilEnd(marked, bootId, timeoutMs, signal)
  if (end === undefined) {
    await signalProcess(record.run?.process ?? null, sigkill)
    // The kill is out: it is waited for even when the caller has gone.
    end = await exits.untilEnd(marked, bootId, killWaitMs, new AbortController().signal)
  }
  failurePoint('containers.stop.ended')
  if (end === undefined) {
    throw fail('container.unkillable', { name: record.name, seconds: killWaitMs / 1000 })
  }
  const ended = await finishRun(context, marked, end)
  emit(context, 'stop', ended)
  return ended
}

/** Sends one signal. Answers at once, but where the signal is KILL when the container has ended. */
export async function killContainer(
  context: Context,
  ref: string,
  signalText: string,
  signal: AbortSignal,
): Promise<ContainerRecord> {
  const { store, exits, bootId } = context
  const record = store.find(ref)
  const number = signalNumber(signalText)
  requireRunning(record)
  const final = number === sigkill || number === signalNumber(record.resolved.stopSignal)
  // No lock: a kill has to reach a container that somebody else is waiting to stop.
  if (final) await store.note(record.id, { stoppedByUser: true })
  await signalProcess(record.run?.process ?? null, number)
  if (number === sigkill && record.paused) await context.runc.resume(record.id)
  emit(context, 'kill', fresh(context, record.id))
  if (number !== sigkill) return fresh(context, record.id)
  const end = await exits.untilEnd(record, bootId, killWaitMs, signal)
  if (end === undefined) return fresh(context, record.id)
  return context.locks.run(record.id, signal, async () => {
    const now = fresh(context, record.id)
    return now.phase === 'running' && now.startedAt === record.startedAt ? finishRun(context, now, end) : now
  })
}

export function restartContainer(
  context: Context,
  ref: string,
  timeoutSeconds: number | undefined,
  signal: AbortSignal,
): Promise<ContainerRecord> {
  const { id } = context.store.find(ref)
  return context.locks.run(id, signal, async () => {
    refuseRemoving(fresh(context, id))
    const stopped = await stopLocked(context, fresh(context, id), timeoutSeconds, signal)
    const started = await startRun(context, stopped, startedByUser, signal)
    emit(context, 'restart', started)
    return started
  })
}

const networkGone = 'The container whose network it shared was started anew.'

/** Stops a container whose shared network is gone, and starts it in the new one unless its policy is never to; under its lock. */
export async function renewSharedNetwork(
  context: Context,
  record: ContainerRecord,
  signal: AbortSignal,
): Promise<ContainerRecord> {
  const { restartCount, restartStreak, stoppedByUser } = record
  const stopped = await stopLocked(context, record, undefined, signal)
  const ended = await context.store.note(stopped.id, { exitReason: networkGone, stoppedByUser })
  if (record.spec.restart.policy === 'no') return ended
  const changes = { restartCount: restartCount + 1, restartStreak, stoppedByUser: false }
  const started = await startRun(context, ended, changes, signal)
  emit(context, 'restart', started)
  return started
}

/** Freezes all its processes, or lets them go on. Idempotent. */
export function setPaused(
  context: Context,
  ref: string,
  paused: boolean,
  signal: AbortSignal,
): Promise<ContainerRecord> {
  const { id } = context.store.find(ref)
  return context.locks.run(id, signal, async () => {
    const record = fresh(context, id)
    requireRunning(record)
    if (record.paused === paused) return record
    await (paused ? context.runc.pause(id) : context.runc.resume(id))
    const changed = await context.store.update(id, { paused })
    emit(context, paused ? 'pause' : 'unpause', changed)
    return changed
  })
}

/** Removes it and all it had. Idempotent; a running one needs force. */
export async function removeContainer(
  context: Context,
  ref: string,
  { force, volumes }: { force: boolean; volumes: boolean },
  signal: AbortSignal,
): Promise<void> {
  const { id } = context.store.find(ref)
  await context.locks.run(id, signal, async () => {
    const record = context.store.get(id)
    if (record === undefined) return // another removal was first
    if (record.phase === 'running') {
      if (!force) {
        throw fail('container.running', { name: record.name })
      }
      await stopLocked(context, record, 0, signal)
    }
    const removing = await context.store.note(id, { phase: 'removing', restartAt: null, removeVolumes: volumes })
    context.failurePoint('containers.remove.state')
    await takeBack(context, id)
    emit(context, 'destroy', removing, true)
  })
}

function requireRunning(record: ContainerRecord): void {
  if (record.phase !== 'running') {
    throw fail('container.notRunning', { name: record.name })
  }
}

function refuseRemoving(record: ContainerRecord): void {
  if (record.phase === 'removing' || record.phase === 'creating') {
    throw fail('container.beingRemoved', { name: record.name })
  }
}
