import { isIP } from 'node:net'
import {
  type ContainerSpec,
  type ErrorField,
  fail,
  type FlotillaError,
  type NetworkAttachment,
  withField,
} from '@flotilla/protocol'
import { z } from 'zod'
import type { Daemon } from '../daemon.ts'
import type { ContainerAnswer } from '../docker-answers.ts'
import { dockerError } from '../docker-error.ts'
import { networkAnswers, pickNetwork } from '../networks/find-network.ts'
import type { NetworkAnswer } from '../networks/network-answers.ts'
import { holds } from '../networks/network-create.ts'
import { placeOn } from '../networks/network-map.ts'

/** A network of the daemon, and what a container asks of it. */
export interface WantedNetwork {
  network: NetworkAnswer
  wanted: NetworkAttachment
}

/** The networks that a spec names, the way out first; undefined where it names none. Throws NOT_FOUND, INVALID_ARGUMENT. */
export async function wantedNetworks(
  daemon: Daemon,
  spec: ContainerSpec,
  signal: AbortSignal,
): Promise<WantedNetwork[] | undefined> {
  if (spec.networks === undefined) return undefined
  if (spec.network !== 'bridge') throw fail('network.bridgeAlone', {}, { field: ['networks'] })
  const all = await networkAnswers(daemon, signal)
  const found = spec.networks.map((wanted, at) => {
    try {
      const network = pickNetwork(all, wanted.network)
      if (network === undefined) throw fail('network.notFound', { ref: wanted.network })
      for (const part of ['ipv4', 'ipv6'] as const) checkAddress(network, wanted[part], ['networks', at, part])
      return { network, wanted }
    } catch (error) {
      throw withField(error, ['networks', at])
    }
  })
  if (new Set(found.map(({ network }) => network.Id)).size < found.length) {
    throw fail('network.namedTwice', {}, { field: ['networks'] })
  }
  return found
}

/** Docker says it at the start alone. */
function checkAddress({ Name: network, IPAM }: NetworkAnswer, address: string | undefined, field: ErrorField): void {
  if (address === undefined) return
  const family = isIP(address)
  const subnets = IPAM.Config.map(({ Subnet }) => Subnet).filter(
    (subnet) => isIP(subnet.split('/')[0] ?? '') === family,
  )
  if (subnets.length === 0) throw fail('network.noFamily', { network, family }, { field })
  if (subnets.some((subnet) => holds(subnet, address))) return
  throw fail('network.foreignAddress', { address, network, subnet: subnets.join(', ') }, { field })
}

/** What a container asks of a network, in Docker's words. */
export function endpointConfig({ ipv4, ipv6, aliases }: Omit<NetworkAttachment, 'network'>): object {
  return { IPAMConfig: { IPv4Address: ipv4, IPv6Address: ipv6 }, Aliases: aliases }
}

/**
 * Connects a container that was just made to those of its networks that it is not on. Before API 1.44 a create takes one
 * alone.
 */
export async function joinNetworks(
  daemon: Daemon,
  container: ContainerAnswer,
  networks: readonly WantedNetwork[],
  signal: AbortSignal,
): Promise<void> {
  for (const [at, { network, wanted }] of networks.entries()) {
    if (placeOn(network, container) !== undefined) continue
    const body = { Container: container.Id, EndpointConfig: endpointConfig(wanted) }
    try {
      await daemon.request(z.unknown(), { method: 'POST', path: `/networks/${network.Id}/connect`, body, signal })
    } catch (error) {
      throw withField(goneNetwork(dockerError(error), wanted.network), ['networks', at])
    }
  }
}

/** Throws NOT_FOUND where one of the networks is gone: the daemon makes and keeps a container that is on none such. */
export async function requireNetworks(
  daemon: Daemon,
  networks: readonly WantedNetwork[],
  signal: AbortSignal,
): Promise<void> {
  const there = new Set((await networkAnswers(daemon, signal)).map(({ Id }) => Id))
  const at = networks.findIndex(({ network }) => !there.has(network.Id))
  const gone = networks[at]
  if (gone !== undefined) throw fail('network.notFound', { ref: gone.wanted.network }, { field: ['networks', at] })
}

/** What the daemon says of a network that went meanwhile, as the failure that names it; any other failure as it is. */
export function goneNetwork(failure: FlotillaError, ref: string): FlotillaError {
  const isGone = failure.code === 'NOT_FOUND' && /network .*not found|no such network/i.test(failure.detail ?? '')
  return isGone ? fail('network.notFound', { ref }, { detail: failure.detail, cause: failure }) : failure
}
