import { withDeadline } from '@flotilla/async'
import { fail, FlotillaError, namedContainers } from '@flotilla/protocol'
import type { ContainerAnswer } from '../docker-answers.ts'
import type { Containers } from './containers.ts'
import { isLive, sharedRef } from './shared-network.ts'

/** How long a start waits for a start of ours of the container whose network it is to share. */
const patienceMs = 120_000
/** Docker may find it ended although it runs when asked: it was restarted between, by others than us. */
const mostTries = 3

/**
 * Waits for a start or restart of ours of the container whose network another is to share, and gives it. Throws where it does not
 * run then; undefined where none is shared.
 */
export async function runningOwner(
  containers: Containers,
  { HostConfig }: ContainerAnswer,
  signal: AbortSignal,
): Promise<ContainerAnswer | undefined> {
  const ref = sharedRef(HostConfig.NetworkMode)
  if (ref === undefined) return undefined
  const owner = await containers.named(ref, signal)
  if (owner === undefined) throw fail('network.ownerGoneForGood', {}, { field: ['network'] })
  const about = { field: ['network'], objects: namedContainers([owner.Id]) }
  const settled = containers.startTurns.run(owner.Id, withDeadline(signal, patienceMs), () =>
    containers.find(owner.Id, signal),
  )
  const now = await settled.catch((error: unknown) => {
    if (signal.aborted || error instanceof FlotillaError) throw error
    throw fail('network.ownerBusy', {}, about)
  })
  if (now === undefined || !isLive(now.State.Status)) throw fail('network.ownerStopped', {}, about)
  return now
}

/** Starts what shares a network once the container whose it is runs, again where that one was restarted meanwhile. */
export async function startBesideOwner<T>(
  containers: Containers,
  sharer: ContainerAnswer,
  signal: AbortSignal,
  start: () => Promise<T>,
): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    const owner = await runningOwner(containers, sharer, signal)
    try {
      return await start()
    } catch (error) {
      if (owner === undefined || tried === mostTries || !isForOwner(error)) throw error
    }
  }
}

const away: readonly string[] = ['network.ownerStopped', 'network.ownerBusy']

/** Whether a start failed since the container whose network it was to share did not run. */
export function isForOwner(error: unknown): error is FlotillaError {
  return error instanceof FlotillaError && away.includes(error.kind ?? '')
}
