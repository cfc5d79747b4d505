import { createHash } from 'node:crypto'
import { Subnet } from '@flotilla/protocol'
import { z } from 'zod'
import { familyOf, type Family } from './addresses.ts'

/** A network as it is on disk, always written whole. */
export const StoredNetwork = z.object({
  version: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{64}$/),
  /** The call that made it: a repeat of that call gives this network. */
  operationId: z.string(),
  name: z.string(),
  /** The bridge's name on the machine. */
  bridge: z.string().max(15),
  subnets: z.array(Subnet).min(1).max(2),
  internal: z.boolean(),
  mtu: z.number().int().nullable(),
  dns: z.boolean(),
  labels: z.record(z.string(), z.string()),
  createdAt: z.string(),
  isDefault: z.boolean(),
})
export type StoredNetwork = z.infer<typeof StoredNetwork>

/** The name under which netavark knows a network: no other instance of the machine has it. */
export function runtimeName(instance: string, { isDefault, id }: Pick<StoredNetwork, 'isDefault' | 'id'>): string {
  return isDefault ? `flotilla-${instance}` : `flotilla-${instance}-${id.slice(0, 12)}`
}

export const bridgeName = (instance: string, id: string): string => `fl${instance}${id.slice(0, 6)}`

/** The same at every start of the agent, so that what is written about it stays true. */
export const defaultNetworkId = (instance: string): string =>
  createHash('sha256').update(`flotilla-${instance}`).digest('hex')

/** Every instance's own, which containers are on that name no other. */
export function defaultNetwork(instance: string, subnet: string): StoredNetwork {
  return {
    version: 1,
    id: defaultNetworkId(instance),
    operationId: '',
    name: 'bridge',
    bridge: `fl${instance}`,
    subnets: [{ subnet, gateway: subnet.replace(/\.0\/24$/, '.1'), range: null }],
    internal: false,
    mtu: null,
    dns: true,
    labels: {},
    createdAt: new Date(0).toISOString(),
    isDefault: true,
  }
}

export function subnetOf(network: StoredNetwork, family: Family): Subnet | undefined {
  return network.subnets.find(({ subnet }) => familyOf(subnet) === family)
}

/** A hardware address for what is called so, always the same: a bridge otherwise takes the lowest of its ports, which come and go. */
export function hardwareAddress(name: string): string {
  const digest = createHash('sha256').update(name).digest()
  return [0x02, ...digest.subarray(0, 5)].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}
