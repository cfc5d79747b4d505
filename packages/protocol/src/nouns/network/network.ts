import { z } from 'zod'
import { canonicalBlock } from '../../address.ts'
import { ContainerRef, HostAddress, NetworkAddresses, NetworkRef } from '../container/container.ts'
import { Retained } from '../../errors/index.ts'
import { unary } from '../../method.ts'
import { checkSubnet, isPublicSubnet } from './network-subnets.ts'
import { text } from '../../text.ts'
import { ContainerChange, Version } from '../../version.ts'
import { containerKind } from '../container/container-kind.ts'
import { networkConnect } from './network-kind.ts'
import { rule } from '../../errors/rule.ts'

/** Docker's own rule for names of networks. */
export const NetworkName = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/, rule('input.badName'))

const block = z.union([z.cidrv4(), z.cidrv6().overwrite(canonicalBlock)])

/** Addresses of one family, of which the network gives its containers theirs. */
export const Subnet = z.object({
  /** CIDR notation of either family: `10.20.0.0/24`, `fd12:3456::/64`. */
  subnet: block,
  /** The host's own address in it. */
  gateway: HostAddress,
  /** The part of the subnet that addresses are given from where none was asked for; null: all of it. */
  range: block.nullable(),
})
export type Subnet = z.infer<typeof Subnet>

/** One row of the list of networks. */
export const Network = z.object({
  /** The engine's own id. */
  id: z.string().min(1).max(128),
  engine: z.string(),
  name: z.string(),
  /** `bridge` on the native engine; Docker has others. */
  driver: z.string(),
  labels: z.record(z.string(), z.string()),
  /** Nothing goes in or out but between its containers, and to the host itself. */
  internal: z.boolean(),
  subnets: z.array(Subnet),
  /** Bytes; null: the driver's default. */
  mtu: z.number().int().positive().nullable(),
  /** Whether its containers find each other by name and alias. */
  dns: z.boolean(),
  /** Null where the engine does not tell. */
  createdAt: z.iso.datetime().nullable(),
  createdByFlotilla: z.boolean(),
  /** The engine's own, which containers are on that name no other; it cannot be removed. */
  isDefault: z.boolean(),
})
export type Network = z.infer<typeof Network>

/** A container's place on a network. */
export const NetworkEndpoint = z.object({
  containerId: z.string(),
  containerName: z.string(),
  /** False: it is on the network whenever it runs. Its addresses are then the fixed ones alone. */
  connected: z.boolean(),
  /** The link's name inside the container; null while it is not connected, or where the engine does not tell. */
  interfaceName: z.string().nullable(),
  macAddress: z.string().nullable(),
  ipv4: z.string().nullable(),
  ipv6: z.string().nullable(),
  aliases: z.array(z.string()),
})
export type NetworkEndpoint = z.infer<typeof NetworkEndpoint>

export const NetworkDetail = z.object({
  network: Network,
  /** Every container that is on it, or will be when it starts. */
  endpoints: z.array(NetworkEndpoint),
  /** The engine's own document. */
  native: z.record(z.string(), z.unknown()),
})
export type NetworkDetail = z.infer<typeof NetworkDetail>

/** What a container's network can be beside one of these, and Docker's other word for its own. */
const modes = ['host', 'none', 'default']

export const NetworkCreateInput = z.object({
  // As of volumes: nothing that reads like an id cut short, by which another one is found.
  name: NetworkName.refine((name) => !modes.includes(name), rule('network.nameIsMode')).refine(
    (name) => !/^[0-9a-f]{12,}$/.test(name),
    rule('network.nameIsLikeId'),
  ),
  driver: text(100).min(1).default('bridge'),
  /** At most one of each family. Without one of IPv4 the engine chooses a free one. */
  subnets: z
    .array(
      z
        .object({
          subnet: Subnet.shape.subnet,
          /** Left out: the subnet's first address. */
          gateway: HostAddress.optional(),
          range: Subnet.shape.range.optional(),
        })
        .superRefine(checkSubnet),
    )
    .max(2)
    .default([]),
  /** Chooses a subnet of IPv6 too where none is given. */
  ipv6: z.boolean().default(false),
  internal: z.boolean().default(false),
  mtu: z.number().int().min(1280).max(65535).optional(),
  labels: z.record(text(1000).min(1), text(64 * 1024)).default({}),
  dns: z.boolean().default(true),
})
export type NetworkCreateInput = z.infer<typeof NetworkCreateInput>

/** Why a network needs `networks.create.privileged`; empty when it does not. */
function privilegedReasons({ subnets }: NetworkCreateInput): string[] {
  return subnets.filter(({ subnet }) => isPublicSubnet(subnet)).map(({ subnet }) => `the public addresses ${subnet}`)
}

/** What a prune takes: networks that no container is on, running or not. */
export const NetworkPrunePreview = z.object({ networks: z.array(Network) })

const one = z.object({ id: NetworkRef })
const target = { kind: 'network', field: 'id' } as const
const beside = { kind: containerKind, field: 'container' } as const

/** A container comes onto a network or leaves it. */
function linking<const Verb extends string>(verb: Verb, summary: string) {
  const rest = { method: 'POST', path: `/networks/{id}/${verb}`, summary } as const
  return { permission: networkConnect, change: true, target, beside, answers: { row: containerKind }, rest } as const
}

/** What an engine may lack; each absence carries a reason. */
export const networkOptions = ['networks.create.withoutDns'] as const

/** What can be asked of an engine's networks. */
export const networkMethods = {
  list: unary(z.object({}), z.array(Network), { permission: 'networks.read' }),
  inspect: unary(one, NetworkDetail, {
    permission: 'networks.read',
    target,
    rest: { method: 'GET', path: '/networks/{id}', summary: 'One network, and who is on it' },
  }),
  /** CONFLICT where the name is taken or a subnet overlaps another, which is named. */
  create: unary(NetworkCreateInput, z.object({ network: Network, version: Version.optional() }), {
    permission: 'networks.create',
    change: true,
    answers: 'row',
    causes: ['create'],
    options: ({ dns }) => (dns ? [] : ['networks.create.withoutDns']),
    optionField: () => ['dns'],
    title: ({ name }) => name,
    privileged: { permission: 'networks.create.privileged', reasons: privilegedReasons },
    rest: { method: 'POST', path: '/hosts/{hostId}/networks', summary: 'Create a network on a host' },
  }),
  /** In use: CONFLICT that names the users. */
  remove: unary(one, z.object({ version: Version.optional() }), {
    permission: 'networks.remove',
    change: true,
    target,
    answers: 'gone',
    many: true,
    causes: ['destroy'],
    rest: { method: 'DELETE', path: '/networks/{id}', summary: 'Remove it; nobody may be on it' },
  }),
  /** What `prune` would take now. */
  prunePreview: unary(z.object({}), NetworkPrunePreview, {
    permission: 'networks.read',
    rest: { method: 'GET', path: '/hosts/{hostId}/networks/prune', summary: 'Which networks a prune would take now' },
  }),
  /** Removes those of these networks that nobody is on by now; the others are answered with the reason. */
  prune: unary(
    z.object({ ids: z.array(z.string().min(1).max(128)).min(1).max(10_000) }),
    z.object({
      removed: z.array(z.string()),
      retained: z.array(Retained),
      version: Version.optional(),
    }),
    {
      permission: 'networks.remove',
      change: true,
      each: { kind: 'network', field: 'ids' },
      failures: 'retained',
      answers: { gone: ({ removed }) => removed },
      causes: ['destroy'],
      title: ({ ids }) => (ids.length === 1 ? '1 network' : `${ids.length} networks`),
      rest: { method: 'POST', path: '/hosts/{hostId}/networks/prune', summary: 'Remove exactly these unused networks' },
    },
  ),
  /** A running container is linked at once, without a break in its other connections. Idempotent. */
  connect: unary(
    one.extend({ container: ContainerRef }).extend(NetworkAddresses.shape),
    ContainerChange,
    linking('connect', 'Bring a container onto it'),
  ),
  /** Idempotent. */
  disconnect: unary(
    one.extend({ container: ContainerRef }),
    ContainerChange,
    linking('disconnect', 'Take a container off it'),
  ),
}
