import { isIPv6 } from 'node:net'
import { containersOf } from '@flotilla/kernel'
import { FlotillaError, type PortMapping, canonicalAddress, fail, namedContainers } from '@flotilla/protocol'
import { findPortHolder } from './port-holder.ts'
import type { HeldPlace, PortKeeper } from './port-keeper.ts'
import { endWaiting } from './time-wait.ts'

/** A free port of one family may be taken in the other. */
const mostTries = 20

export interface PortOwner {
  containerId: string
  /** Where a container is reached; null in both while that is not known yet. */
  target: { ipv4: string | null; ipv6: string | null }
  /** The id of the container that has the port; null where none of ours has. */
  ownerOf: (mapping: PortMapping) => string | null
}

/** The host's addresses that a mapping is bound on: without one, all of both families. */
export function addressesOf({ hostIp }: Pick<PortMapping, 'hostIp'>): string[] {
  return hostIp === '' ? ['0.0.0.0', '::'] : [canonicalAddress(hostIp)]
}

/**
 * Binds every port on the host; a host port of 0 gets a free one. Address translation alone binds nothing, and would take
 * another program's traffic in silence. Throws CONFLICT naming the holder, and then holds none of those that were not held before.
 */
export async function holdPorts(
  keeper: PortKeeper,
  ports: readonly PortMapping[],
  owner: PortOwner,
): Promise<PortMapping[]> {
  const results = await Promise.allSettled(ports.map((mapping) => hold(keeper, mapping, owner)))
  const held = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const at = results.findIndex(({ status }) => status === 'rejected')
  const [mapping, result] = [ports[at], results[at]]
  if (mapping === undefined || result?.status !== 'rejected') return held
  await dropPorts(keeper, held)
  throw await refusal({ mapping, at }, owner, result.reason, codeOf(result.reason))
}

/** An error that names a port by its place in one list, by its place in another; a port that is not there is not named. */
export function inListOf(thrown: unknown, list: readonly PortMapping[], other: readonly PortMapping[]): unknown {
  if (!(thrown instanceof FlotillaError)) return thrown
  const [name, at, ...rest] = thrown.field ?? []
  if (name !== 'ports' || typeof at !== 'number') return thrown
  const there = other.findIndex((port) => port === list[at])
  return thrown.with({ field: there < 0 ? ['ports'] : ['ports', there, ...rest] })
}

/** Gives ports back: any other program can bind them then. Idempotent. */
export async function dropPorts(keeper: PortKeeper, ports: readonly PortMapping[]): Promise<void> {
  await dropPlaces(keeper, ports.flatMap(placesOf))
}

/** Gives places on the host back, as `dropPorts` does ports. */
export async function dropPlaces(keeper: PortKeeper, places: readonly HeldPlace[]): Promise<void> {
  await Promise.all(places.map((place) => keeper.drop(place)))
  await endWaiting(places)
}

/** Gives all ports of a container back, those that nothing else knows of too. Idempotent. */
export async function forgetPorts(keeper: PortKeeper, key: string, ports: readonly PortMapping[]): Promise<void> {
  await keeper.forget(key)
  await endWaiting(ports.flatMap(placesOf))
}

export function placesOf(mapping: PortMapping): HeldPlace[] {
  const { protocol, hostPort: port } = mapping
  return addressesOf(mapping).map((address) => ({ protocol, address, port }))
}

async function hold(keeper: PortKeeper, mapping: PortMapping, owner: PortOwner): Promise<PortMapping> {
  for (let tries = 1; ; tries += 1) {
    const held: HeldPlace[] = []
    try {
      return { ...mapping, hostPort: await holdAll(keeper, mapping, { owner, held }) }
    } catch (error) {
      await Promise.all(held.map((place) => keeper.drop(place)))
      if (mapping.hostPort !== 0 || codeOf(error) !== 'EADDRINUSE' || tries >= mostTries) throw error
    }
  }
}

async function holdAll(
  keeper: PortKeeper,
  mapping: PortMapping,
  { owner, held }: { owner: PortOwner; held: HeldPlace[] },
): Promise<number> {
  const { protocol } = mapping
  let port = mapping.hostPort
  for (const address of addressesOf(mapping)) {
    const given = await holdPlace(keeper, { ...mapping, hostPort: port }, { owner, address })
    if (given === null) continue
    port = given
    held.push({ protocol, address, port })
  }
  return port
}

/** The port that was bound; null on a host without the address's family, where nobody asked for that one. */
async function holdPlace(
  keeper: PortKeeper,
  mapping: PortMapping,
  { owner, address }: { owner: PortOwner; address: string },
): Promise<number | null> {
  const { protocol, hostPort: port, containerPort } = mapping
  const own = isIPv6(address) ? (owner.target.ipv6 ?? owner.target.ipv4) : owner.target.ipv4
  const target = own === null ? null : { address: own, port: containerPort }
  try {
    return await keeper.hold({ key: owner.containerId, protocol, address, port, target })
  } catch (error) {
    if (mapping.hostIp === '' && address === '::' && isWithoutFamily(error)) return null
    throw error
  }
}

/** A place of a port that its container should have and another program has. */
export interface LostPlace {
  port: PortMapping
  address: string
  error: unknown
}

/**
 * Binds what is not bound, each place by itself, and tells the holder where each leads. Answers with what could not be bound:
 * others may have been quicker where the holder was killed.
 */
export async function aimPorts(
  keeper: PortKeeper,
  ports: readonly PortMapping[],
  owner: PortOwner,
): Promise<LostPlace[]> {
  const places = ports.flatMap((port) => addressesOf(port).map((address) => ({ port, address })))
  const results = await Promise.allSettled(
    places.map(({ port, address }) => holdPlace(keeper, port, { owner, address })),
  )
  const lost: LostPlace[] = []
  for (const [at, { port, address }] of places.entries()) {
    const result = results[at]
    if (result?.status !== 'rejected') continue
    const mapping = { ...port, hostIp: address }
    lost.push({ port, address, error: await refusal({ mapping, at: 0 }, owner, result.reason, codeOf(result.reason)) })
  }
  return lost
}

/** A host without IPv6 publishes on its addresses of IPv4 alone, where nobody asked for one of IPv6. */
function isWithoutFamily(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL'
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

async function refusal(
  { mapping, at }: { mapping: PortMapping; at: number },
  owner: PortOwner,
  cause: unknown,
  code: unknown,
): Promise<unknown> {
  const place = `${mapping.protocol.toUpperCase()} port ${mapping.hostPort}`
  if (code === 'EADDRINUSE') return heldByOther({ mapping, at, place }, owner, cause)
  // EINVAL: an address that no socket is bound to, a link-local one without its link say.
  if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT' || code === 'EINVAL') {
    const params = { address: mapping.hostIp, place }
    return fail('port.noAddress', params, { field: ['ports', at, 'hostIp'], cause })
  }
  return cause
}

/** What runs in a container is told as that container, for not everybody may know of it. */
async function heldByOther(
  { mapping, at, place }: { mapping: PortMapping; at: number; place: string },
  owner: PortOwner,
  cause: unknown,
): Promise<FlotillaError> {
  const field = ['ports', at, 'hostPort']
  const publisher = owner.ownerOf(mapping)
  const holder = publisher === null ? await findPortHolder(mapping) : null
  const containers = publisher === null ? holder && (await containersOf(holder)) : [publisher]
  if (containers !== null && containers.length > 0) {
    return fail('port.takenByContainer', { place }, { field, objects: namedContainers(containers), cause })
  }
  const named = holder === null ? 'another program' : `${holder.program || 'a process'} (process ${holder.pid})`
  return fail('port.taken', { place, holder: named }, { field, cause })
}

/** Whether a port is the one that was asked for, any host port where none was named, however its address is spelt. */
export const samePort = (port: PortMapping, asked: PortMapping): boolean =>
  port.containerPort === asked.containerPort &&
  port.protocol === asked.protocol &&
  canonicalAddress(port.hostIp) === canonicalAddress(asked.hostIp) &&
  (asked.hostPort === 0 || port.hostPort === asked.hostPort)
