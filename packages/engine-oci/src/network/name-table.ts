import { canonicalAddress } from './addresses.ts'
import type { Endpoint, Lease } from './lease-store.ts'
import { isSpare } from './spare-id.ts'
import type { StoredNetwork } from './stored-network.ts'

/** What can be looked up as it is; anything else is nobody's name. */
const plainName = /^[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?$/

/**
 * What the name server is told: the networks that somebody is on, and who is found there by which names. Pure.
 */
export function nameTable(networks: readonly StoredNetwork[], leases: Readonly<Record<string, Lease>>): string {
  const all = Object.entries(leases)
  return networks
    .filter(({ dns }) => dns)
    .flatMap((network) => {
      const places = all.flatMap(([id, lease]) =>
        lease.endpoints.filter((each) => each.network === network.id).map((endpoint) => ({ id, lease, endpoint })),
      )
      if (places.length === 0) return []
      const gateways = network.subnets.map(({ gateway }) => canonicalAddress(gateway))
      return [
        ['network', network.id, network.internal ? '1' : '0', ...gateways].join(' '),
        ...places.filter(({ id }) => !isSpare(id)).flatMap((place) => placeLines(network, place)),
      ]
    })
    .map((line) => `${line}\n`)
    .join('')
}

function placeLines(
  network: StoredNetwork,
  { id, lease, endpoint }: { id: string; lease: Lease; endpoint: Endpoint },
): string[] {
  const names = namesOf(network, id, lease.name, endpoint.aliases)
  return [endpoint.ipv4, endpoint.ipv6]
    .filter((address) => address !== null)
    .map((address) => ['place', canonicalAddress(address), id, ...names].join(' '))
}

/**
 * A name with a dot may be that of a host elsewhere, a registry's for instance, which a container would take for its neighbours: a
 * container has one only as an alias, which somebody asked for on that network, and never on the one that all are on who ask for none.
 */
function namesOf({ isDefault }: StoredNetwork, id: string, name: string, aliases: readonly string[]): string[] {
  const isDotted = (each: string) => each.includes('.')
  const own = isDotted(name) ? [] : [name]
  const others = aliases.filter((alias) => !isDefault || !isDotted(alias))
  const lower = [...own, id.slice(0, 12), ...others].map((each) => each.toLowerCase())
  return [...new Set(lower)].filter((each) => plainName.test(each))
}
