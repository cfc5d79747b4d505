import { withDeadline } from '@flotilla/async'
import { isAlive } from '@flotilla/kernel'
import { because, fail, FlotillaError, namedContainers, toFlotillaError } from '@flotilla/protocol'
import type { Context } from './context.ts'
import type { ContainerRecord } from './record.ts'
import { planRestart } from './restart-policy.ts'
import { ownerOf, sharedRef, shareNetwork } from './shared-network.ts'
import { type StartChanges, startRun } from './start.ts'

/** How long a person's start waits for what goes on with the container whose network it is to share. */
const patienceMs = 120_000

/**
 * Starts a container like `startRun`. One that shares another's network waits for whatever goes on with that one, and begins
 * again where that one was started anew meanwhile. The caller holds its lock, and nobody who holds the other's waits for it.
 */
export async function startBesideOwner(
  context: Context,
  before: ContainerRecord,
  changes: StartChanges,
  signal: AbortSignal,
  waitMs = patienceMs,
): Promise<ContainerRecord> {
  if (sharedRef(before.spec) === undefined) return startRun(context, before, changes, signal)
  const deadline = withDeadline(signal, waitMs)
  for (;;) {
    await untilSettled(context, before, signal, deadline)
    const owner = ownerOf(context, before)
    try {
      return await startRun(context, before, changes, signal)
    } catch (error) {
      if (signal.aborted || (await isSameRun(context, before, owner))) throw error
    }
  }
}

/**
 * Waits for what goes on with the container whose network it shares, and throws where that one does not run then. Nothing is done
 * where it shares none.
 */
export async function requireOwner(context: Context, sharer: ContainerRecord, signal: AbortSignal): Promise<void> {
  if (sharedRef(sharer.spec) === undefined) return
  await untilSettled(context, sharer, signal, withDeadline(signal, patienceMs))
}

async function untilSettled(
  context: Context,
  sharer: ContainerRecord,
  signal: AbortSignal,
  deadline: AbortSignal,
): Promise<void> {
  const owner = ownerOf(context, sharer)
  // One that shares a network itself lends none: there is nothing to wait for.
  if (owner !== undefined && sharedRef(owner.spec) === undefined) {
    await context.locks
      .run(owner.id, deadline, () => Promise.resolve())
      .catch((error: unknown) => {
        if (signal.aborted) throw error
        throw fail('network.ownerBusy', {}, aboutOwner(owner))
      })
  }
  shareNetwork(context, sharer)
  const now = ownerOf(context, sharer)
  if (now !== undefined && !(await hasProcess(now))) throw fail('network.ownerStopped', {}, aboutOwner(now))
}

const aboutOwner = ({ id }: ContainerRecord) => ({ field: ['network'], objects: namedContainers([id]) })

/** Whether the owner still is as it was, so that a failure was none of its doing. */
async function isSameRun(context: Context, sharer: ContainerRecord, before: ContainerRecord | undefined) {
  const now = ownerOf(context, sharer)
  return now?.phase === 'running' && now.startedAt === before?.startedAt && (await hasProcess(now))
}

/** It may have ended without anybody having noted it. */
async function hasProcess({ run }: ContainerRecord): Promise<boolean> {
  const process = run?.process ?? null
  return process !== null && (await isAlive(process))
}

const away: readonly string[] = ['network.ownerStopped', 'network.ownerGone', 'network.ownerBusy']

/** Whether a start failed for want of the container whose network it was to share alone. */
export function isForOwner(error: unknown): boolean {
  return error instanceof FlotillaError && away.includes(error.kind ?? '')
}

/**
 * A restart has stopped it, and then its owner was away: it is started with that one, whatever its policy. Throws what the person
 * is to know of that; any other failure as it is.
 */
export async function leaveForOwner(context: Context, stopped: ContainerRecord, error: unknown): Promise<never> {
  if (!isForOwner(error) || stopped.phase !== 'exited') throw error
  const waiting = { ...stopped, renewing: true, stoppedByUser: false, restartCount: 0, restartStreak: 0 }
  const { renewing, stoppedByUser, restartCount } = waiting
  const planned = planRestart(waiting, { exitCode: null, at: new Date().toISOString() })
  const { message, objects } = toFlotillaError(error)
  const exitReason = because('container.notStartedAgain', { message })
  const changes = { renewing, stoppedByUser, restartCount, exitReason, ...planned }
  context.restarts.arm(await context.store.note(stopped.id, changes))
  throw fail('network.ownerWent', {}, { field: ['network'], objects: [...objects], cause: error })
}
