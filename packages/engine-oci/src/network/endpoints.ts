import { type NetworkAttachment, fail, withField } from '@flotilla/protocol'
import { canonicalAddress, contains, type Family, familyOf, nextFree, parseBlock, usableRange } from './addresses.ts'
import type { Endpoint, Lease } from './lease-store.ts'
import { hardwareAddress, type StoredNetwork, subnetOf } from './stored-network.ts'

/** What a network's addresses are not free for. */
export interface Given {
  leases: Readonly<Record<string, Lease>>
  /** Fixed addresses that containers ask for at each start, those that do not run too. */
  reserved: readonly ReservedAddress[]
}

export type ReservedAddress = Pick<NetworkAttachment, 'network' | 'ipv4' | 'ipv6'>

const nothing: Given = { leases: {}, reserved: [] }

/**
 * A new place on a network: its fixed addresses or free ones. Throws CONFLICT where a fixed one is somebody's, INVALID_ARGUMENT
 * where it is none of this network's, RESOURCE_EXHAUSTED where the network is full.
 */
export function createEndpoint(
  network: StoredNetwork,
  wanted: Omit<NetworkAttachment, 'network'>,
  given: Given,
  used: readonly Endpoint[],
): Endpoint {
  const ipv4 = chooseAddress(network, 4, wanted.ipv4, given)
  const ipv6 = chooseAddress(network, 6, wanted.ipv6, given)
  return {
    network: network.id,
    interfaceName: freeInterface(used),
    // Of an address always the same: what neighbours remember of it stays true.
    macAddress: hardwareAddress(`${network.bridge} ${ipv4 ?? ipv6}`),
    hostLink: null,
    ipv4,
    ipv6,
    aliases: [...new Set(wanted.aliases)],
    linked: false,
  }
}

/** Throws INVALID_ARGUMENT where a network could never give a container the addresses that it asks for. */
export function checkAttachment(network: StoredNetwork, wanted: Pick<NetworkAttachment, 'ipv4' | 'ipv6'>): void {
  for (const family of [4, 6] as const) {
    const field = `ipv${family}` as const
    try {
      chooseAddress(network, family, wanted[field], nothing)
    } catch (error) {
      throw withField(error, [field])
    }
  }
}

function freeInterface(used: readonly Endpoint[]): string {
  const names = new Set(used.map(({ interfaceName }) => interfaceName))
  let number = 0
  while (names.has(`eth${number}`)) number += 1
  return `eth${number}`
}

function chooseAddress(
  network: StoredNetwork,
  family: Family,
  wanted: string | undefined,
  { leases, reserved }: Given,
): string | null {
  const own = subnetOf(network, family)
  if (own === undefined) {
    if (wanted === undefined) return null
    throw fail('network.noFamily', { network: network.name, family })
  }
  const holders = addressHolders(network.id, family, leases)
  const [subnet, part] = [parseBlock(own.subnet), parseBlock(own.range ?? own.subnet)]
  const block = subnet === null || part === null ? null : usableRange(subnet, part)
  if (wanted === undefined) {
    const last = [...holders.keys()].at(-1)
    const fixed = reserved
      .filter((each) => each.network === network.id)
      .map(({ ipv4, ipv6 }) => canonicalAddress((family === 4 ? ipv4 : ipv6) ?? ''))
    const free = block === null ? undefined : nextFree(block, new Set([...holders.keys(), ...fixed, own.gateway]), last)
    if (free !== undefined) return free
    throw fail('network.full', { network: network.name })
  }
  return checkFixed(network, own, canonicalAddress(wanted), holders)
}

function checkFixed(
  network: StoredNetwork,
  own: StoredNetwork['subnets'][number],
  address: string,
  holders: ReadonlyMap<string, string>,
): string {
  const [block, wanted] = [parseBlock(own.subnet), parseBlock(address)]
  if (block === null || wanted === null || !contains(block, wanted)) {
    throw fail('network.foreignAddress', { address, network: network.name, subnet: own.subnet })
  }
  const edge = wanted.first === block.first || (block.family === 4 && wanted.first === block.last)
  const params = { address, network: network.name }
  if (address === own.gateway || edge) throw fail('network.ownAddress', params)
  const holder = holders.get(address)
  if (holder === undefined) return address
  throw fail('network.addressTaken', params, { objects: [{ kind: 'container', id: holder }] })
}

/** Addresses of a network in the order in which they were given, each with its container's id. */
function addressHolders(network: string, family: Family, leases: Given['leases']): Map<string, string> {
  const holders = new Map<string, string>()
  for (const [id, { endpoints }] of Object.entries(leases)) {
    for (const endpoint of endpoints) {
      const address = family === 4 ? endpoint.ipv4 : endpoint.ipv6
      if (endpoint.network === network && address !== null) holders.set(address, id)
    }
  }
  return holders
}

export const interfaceNumber = ({ interfaceName }: Pick<Endpoint, 'interfaceName'>): number =>
  Number(interfaceName.replace(/^\D+/, ''))

/** The place through which a container's published ports and its way out go, by family. */
export function primaryAddresses(
  endpoints: readonly Endpoint[],
  networkOf: (id: string) => StoredNetwork | undefined,
): { ipv4: string | null; ipv6: string | null } {
  const open = endpoints
    .filter(({ network }) => networkOf(network)?.internal === false)
    .sort((one, other) => interfaceNumber(one) - interfaceNumber(other))
  return {
    ipv4: open.find(({ ipv4 }) => ipv4 !== null)?.ipv4 ?? null,
    ipv6: open.find(({ ipv6 }) => ipv6 !== null)?.ipv6 ?? null,
  }
}

/**
 * The gateways that a container asks for names: those of networks with a name server, of internal ones where it is on no other.
 * Each server knows the names of all its container's networks, and that of an internal one nothing else.
 */
export function nameServers(
  endpoints: readonly Endpoint[],
  networkOf: (id: string) => StoredNetwork | undefined,
): string[] {
  const networks = [...endpoints]
    .sort((one, other) => interfaceNumber(one) - interfaceNumber(other))
    .flatMap(({ network }) => networkOf(network) ?? [])
    .filter(({ dns }) => dns)
  const open = networks.filter(({ internal }) => !internal)
  return (open.length > 0 ? open : networks)
    .map(({ subnets }) => subnets.map(({ gateway }) => gateway))
    .map((gateways) => gateways.find((gateway) => familyOf(gateway) === 4) ?? gateways[0] ?? '')
    .slice(0, 3) // a resolver reads three
}
