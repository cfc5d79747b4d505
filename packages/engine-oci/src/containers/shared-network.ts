import { readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { because, type ContainerSpec, fail, namedContainers, type Reason } from '@flotilla/protocol'
import type { NetworkSetup } from '../network/index.ts'
import { type Context, ownFilesOf } from './context.ts'
import type { ContainerRecord } from './record.ts'
import { plannedAt } from './restart-policy.ts'

const prefix = 'container:'

/** The reference to the container whose network is shared; undefined where it has one of its own. */
export function sharedRef({ network }: Pick<ContainerSpec, 'network'>): string | undefined {
  return network.startsWith(prefix) ? network.slice(prefix.length) : undefined
}

/**
 * A container's name stays one, so that what is made anew under it is found again; all else becomes the full id. Throws
 * INVALID_ARGUMENT where that container has no network that can be shared.
 */
export function resolveSharedNetwork(context: Context, network: ContainerSpec['network']): ContainerSpec['network'] {
  const ref = network.slice(prefix.length)
  const owner = context.store.find(ref)
  refuseUnshareable(owner)
  return `${prefix}${owner.name === ref ? ref : owner.id}`
}

/** The name that the container has now whose network is shared; null where none is. Throws NOT_FOUND. */
export function ownerNameOf({ store }: Pick<Context, 'store'>, spec: ContainerSpec): string | null {
  const ref = sharedRef(spec)
  return ref === undefined ? null : store.find(ref).name
}

type Sharer = Pick<ContainerRecord, 'spec' | 'ownerName'>

/** The container whose network it shares; where that is gone for good, the one that was made under its name and lends its own. */
export function ownerOf({ store }: Pick<Context, 'store'>, { spec, ownerName }: Sharer): ContainerRecord | undefined {
  const ref = sharedRef(spec)
  if (ref === undefined) return undefined
  const owner = store.exact(ref)
  if (owner !== undefined || ownerName === null || store.setAside.isNamed(ref)) return owner
  const next = store.exact(ownerName)
  return next !== undefined && next.spec.network !== 'host' && sharedRef(next.spec) === undefined ? next : undefined
}

/** What it asks for, with the container that it follows now in the place of one that is gone. */
export function followingSpec(context: Pick<Context, 'store'>, sharer: Sharer): ContainerSpec {
  const { spec } = sharer
  const owner = ownerOf(context, sharer)
  if (owner === undefined || sharedRef(spec) === owner.name) return spec
  return { ...spec, network: `${prefix}${owner.id}` }
}

function refuseUnshareable({ id, spec }: ContainerRecord): void {
  const options = { field: ['network'], objects: namedContainers([id]) }
  if (spec.network === 'host') throw fail('network.ownerOnHost', {}, options)
  if (sharedRef(spec) !== undefined) throw fail('network.ownerShares', {}, options)
}

/** The network of a running container, for one that shares it. Throws CONFLICT where that one does not run, NOT_FOUND where it is gone. */
export function shareNetwork(context: Context, sharer: Sharer): NetworkSetup {
  const owner = ownerOf(context, sharer)
  if (owner === undefined) throw fail('network.ownerGone', {}, { field: ['network'] })
  refuseUnshareable(owner)
  const pid = owner.run?.process?.pid
  if (owner.phase !== 'running' || pid === undefined) {
    throw fail('network.ownerStopped', {}, { field: ['network'], objects: namedContainers([owner.id]) })
  }
  const folder = ownFilesOf(context, owner.id)
  return {
    netnsPath: context.networks.namespaceOf(owner.id) ?? `/proc/${pid}/ns/net`,
    address: null, // it has none of its own
    ports: [],
    files: {
      resolvConf: join(folder, 'resolv.conf'),
      hosts: join(folder, 'hosts'),
      hostname: join(folder, 'hostname'),
    },
  }
}

/**
 * Why a running container that shares another's network has none now, without its name; undefined where that one runs. A paused
 * one has none until it goes on, where that one has been started since.
 */
export function whyNoNetwork(context: Pick<Context, 'store'>, record: ContainerRecord): Reason | undefined {
  const ref = sharedRef(record.spec)
  if (ref === undefined || record.phase !== 'running') return undefined
  const owner = ownerOf(context, record)
  if (record.paused && startedAfter(owner, record)) return because('container.ownerStartedLater')
  if (owner?.phase === 'running' || (owner === undefined && context.store.setAside.isNamed(ref))) return undefined
  return because(owner === undefined ? 'container.ownerGone' : 'container.ownerStopped')
}

function startedAfter(owner: ContainerRecord | undefined, { startedAt }: ContainerRecord): boolean {
  if (owner?.phase !== 'running' || owner.startedAt === null || startedAt === null) return false
  return Date.parse(owner.startedAt) > Date.parse(startedAt)
}

/**
 * Whether a container waits to be started again although the one whose network it shares has started since: the wait was for
 * that one.
 */
export function waitsForOwner(context: Pick<Context, 'store'>, record: ContainerRecord): boolean {
  const ref = sharedRef(record.spec)
  const planned = plannedAt(record)
  if (ref === undefined || record.phase !== 'exited' || planned === undefined) return false
  const owner = ownerOf(context, record)
  return owner?.phase === 'running' && owner.startedAt !== null && Date.parse(owner.startedAt) >= planned
}

/**
 * Whether a running container is in a network namespace that its owner has left: that one was started anew, or another was made
 * under its name. While the owner does not run there is nothing better, and a paused one stays as it is until it goes on.
 */
export async function isNetworkStale(context: Context, record: ContainerRecord): Promise<boolean> {
  const ref = sharedRef(record.spec)
  if (ref === undefined || record.phase !== 'running' || record.paused) return false
  const owner = ownerOf(context, record)
  if (owner?.phase !== 'running') return false
  const [own, others] = await Promise.all([namespaceOf(record), namespaceOf(owner)])
  return own !== null && others !== null && own !== others
}

async function namespaceOf({ run }: ContainerRecord): Promise<string | null> {
  const pid = run?.process?.pid
  return pid === undefined ? null : readlink(`/proc/${pid}/ns/net`).catch(() => null) // it has ended meanwhile
}
