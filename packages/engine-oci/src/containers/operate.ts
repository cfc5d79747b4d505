import { signalNumber } from '@flotilla/oci'
import { fail } from '@flotilla/protocol'
import { signalProcess } from '../runtime/process.ts'
import { leaveForOwner, requireOwner, startBesideOwner } from './beside-owner.ts'
import { type Context, emit } from './context.ts'
import { finishRun } from './finish.ts'
import type { ContainerRecord } from './record.ts'
import { removeSetAside } from './remove-set-aside.ts'
import { startedByUser } from './start.ts'
import { takeBack } from './take-back.ts'

const sigkill = 9
/** How long a killed container may take to be gone before that is an error. */
const killWaitMs = 15_000

/** A person's stop ends what the engine had begun. */
const byUser = { stoppedByUser: true, renewing: false }

const fresh = (context: Context, id: string): ContainerRecord => context.store.find(id)

/** Idempotent: what runs is answered as it is. */
export function startContainer(context: Context, ref: string, signal: AbortSignal): Promise<ContainerRecord> {
  const { id } = context.store.find(ref)
  return context.locks.run(id, signal, async () => {
    const record = fresh(context, id)
    if (record.phase === 'running') return record
    refuseRemoving(record)
    return startBesideOwner(context, record, startedByUser, signal)
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
  const { store, failurePoint } = context
  if (record.phase !== 'running') {
    return record.restartAt === null ? record : store.note(record.id, { ...byUser, restartAt: null })
  }
  const marked = await store.note(record.id, { ...byUser, restartAt: null })
  failurePoint('containers.stop.state')
  const ended = await endRun(context, marked, timeoutSeconds, signal)
  emit(context, 'stop', ended)
  return ended
}

/** Signals, waits, kills, for the reason that the record says already: whoever finds it ended goes on from there. */
async function endRun(
  context: Context,
  record: ContainerRecord,
  timeoutSeconds: number | undefined,
  signal: AbortSignal,
): Promise<ContainerRecord> {
  const { exits, bootId, failurePoint } = context
  const timeoutMs = (timeoutSeconds ?? record.spec.stopTimeoutSeconds) * 1000
  if (timeoutMs > 0) await signalProcess(record.run?.process ?? null, signalNumber(record.resolved.stopSignal))
  if (record.paused) await context.runc.resume(record.id) // what is frozen cannot follow a signal
  failurePoint('containers.stop.signal')
  let end = timeoutMs === 0 ? undefined : await exits.untilEnd(record, bootId, timeoutMs, signal)
  if (end === undefined) {
    await signalProcess(record.run?.process ?? null, sigkill)
    // The kill is out: it is waited for even when the caller has gone.
    end = await exits.untilEnd(record, bootId, killWaitMs, new AbortController().signal)
  }
  failurePoint('containers.stop.ended')
  if (end === undefined) {
    throw fail('container.unkillable', { name: record.name, seconds: killWaitMs / 1000 })
  }
  return finishRun(context, fresh(context, record.id), end) // a person may have killed it meanwhile
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

/** One that shares a network is not stopped while the container whose it is does not run: it would not come up again. */
export function restartContainer(
  context: Context,
  ref: string,
  timeoutSeconds: number | undefined,
  signal: AbortSignal,
): Promise<ContainerRecord> {
  const { id } = context.store.find(ref)
  return context.locks.run(id, signal, async () => {
    refuseRemoving(fresh(context, id))
    await requireOwner(context, fresh(context, id), signal)
    const stopped = await stopLocked(context, fresh(context, id), timeoutSeconds, signal)
    const started = await startBesideOwner(context, stopped, startedByUser, signal).catch((error: unknown) =>
      leaveForOwner(context, stopped, error),
    )
    emit(context, 'restart', started)
    return started
  })
}

/**
 * Stops a container whose shared network is gone, whatever its policy: with a restart planned, which is tried until the owner runs.
 * Under its lock. The record says it first, so that the next agent goes on with it.
 */
export async function renewSharedNetwork(
  context: Context,
  record: ContainerRecord,
  signal: AbortSignal,
): Promise<void> {
  const marked = await context.store.note(record.id, { renewing: true, stoppedByUser: false, restartStreak: 0 })
  context.failurePoint('containers.renew.state')
  await endRun(context, marked, undefined, signal)
  context.failurePoint('containers.renew.ended')
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
  const aside = context.store.exact(ref) === undefined ? context.store.setAside.find(ref) : undefined
  if (aside !== undefined) {
    await removeSetAside(context, aside, force, signal)
    return
  }
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
