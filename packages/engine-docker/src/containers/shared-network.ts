import { because, fail, namedContainers, type Reason, withField } from '@flotilla/protocol'
import type { ContainerAnswer } from '../docker-answers.ts'

const prefix = 'container:'
/** Docker lets containers share in a chain; one that is longer, or a ring, is given up. */
const mostFollowed = 16

type Find = (ref: string) => Promise<ContainerAnswer | undefined>

/** The reference to the container whose network is shared; undefined where the mode is another. */
export function sharedRef(mode: string): string | undefined {
  return mode.startsWith(prefix) ? mode.slice(prefix.length) : undefined
}

/**
 * The mode of the network, or of the namespace of processes, that a container really is in: where it shares another's, that one's.
 * Empty where nobody knows.
 */
export async function endOfShares(
  mode: string,
  find: Find,
  what: 'NetworkMode' | 'PidMode' = 'NetworkMode',
): Promise<string> {
  let end = mode
  for (let step = 0; step < mostFollowed; step++) {
    const ref = sharedRef(end)
    if (ref === undefined) return end
    end = (await find(ref))?.HostConfig[what] ?? ''
  }
  return ''
}

/**
 * A network as Docker is asked for it: the container whose network is shared by its id, so that no other comes into its name.
 * Throws NOT_FOUND where there is none, INVALID_ARGUMENT where its network is the host's: that is asked for as such, which
 * needs a right of its own.
 */
export async function resolveNetwork<Mode extends string>(
  mode: Mode,
  find: (ref: string) => Promise<ContainerAnswer>,
): Promise<Mode | `container:${string}`> {
  const ref = sharedRef(mode)
  if (ref === undefined) return mode
  const owner = await find(ref).catch((error: unknown) => {
    throw withField(error, ['network'])
  })
  const end = await endOfShares(owner.HostConfig.NetworkMode, find)
  if (end === 'host') {
    throw fail('network.ownerOnHost', {}, { field: ['network'], objects: namedContainers([owner.Id]) })
  }
  return `${prefix}${owner.Id}`
}

/**
 * Why a container that shares another's network has none but its loopback, or can have none: that one ended or was started anew, and
 * Docker leaves the sharer where it was; or it is gone, also where another was made under its name since. It does not name that one,
 * which not everybody sees. Undefined where it shares none, or one that is there.
 */
export async function whyNoNetwork({ HostConfig, State }: ContainerAnswer, find: Find): Promise<Reason | undefined> {
  const ref = sharedRef(HostConfig.NetworkMode)
  if (ref === undefined) return undefined
  const owner = await find(ref)
  if (owner === undefined) {
    return because(isLive(State.Status) ? 'container.ownerGoneForGood' : 'container.cannotStart')
  }
  if (!isLive(State.Status)) return undefined
  if (!isLive(owner.State.Status)) return because('container.ownerLeft')
  if (Date.parse(owner.State.StartedAt) <= Date.parse(State.StartedAt)) return undefined
  return because('container.ownerStartedLater')
}

/** Whether it has a network that others can share. */
export const isLive = (status: string): boolean => status === 'running' || status === 'paused'
