import { randomBytes } from 'node:crypto'
import type { FailurePoint } from '@flotilla/engine'
import { type NetworkCreateInput, type Subnet, fail } from '@flotilla/protocol'
import { canonicalAddress, contains, familyOf, formatAddress, formatBlock, parseBlock, usable } from './addresses.ts'
import type { Links } from './links.ts'
import { linkThatLosesItsRoute } from './router-route.ts'
import { bridgeName, type StoredNetwork } from './stored-network.ts'
import { reserveSubnets, releaseSubnets } from './subnet.ts'
import type { NetworkDefinitions } from './types.ts'

interface DefinitionsOptions {
  instance: string
  links: Links
  failurePoint: FailurePoint
  inTurn: <T>(work: () => Promise<T>) => Promise<T>
}

/** Networks that people make and remove. Nothing of one is on the machine but while a container is on it. */
export function createDefinitions(options: DefinitionsOptions): NetworkDefinitions {
  const { links, inTurn, instance, failurePoint } = options
  const { networks } = links
  return {
    all: () => networks.all(),
    get: (id) => networks.get(id),
    find: (ref) => networks.find(ref),
    create: (input, operationId) =>
      inTurn(async () => {
        const before = networks.all().find((each) => operationId !== '' && each.operationId === operationId)
        if (before !== undefined) return before
        return create(options, input, operationId)
      }),
    remove: (id) =>
      inTurn(async () => {
        const network = networks.get(id)
        if (network === undefined) return
        if (network.isDefault) throw fail('network.isDefault')
        if (links.isNetworkUsed(id)) throw fail('network.hasContainers', { name: network.name })
        await networks.remove(id)
        failurePoint('networks.remove.state')
        await releaseSubnets(
          instance,
          id,
          network.subnets.map(({ subnet }) => subnet),
        )
      }),
  }
}

async function create(
  { instance, links, failurePoint }: DefinitionsOptions,
  input: NetworkCreateInput,
  operationId: string,
): Promise<StoredNetwork> {
  const { networks } = links
  checkDriver(input)
  if (networks.all().some(({ name }) => name === input.name)) {
    throw fail('network.nameTaken', { name: input.name }, { field: ['name'] })
  }
  const wanted = input.subnets.map(checkSubnet)
  const families = new Set(wanted.map(({ subnet }) => familyOf(subnet)))
  if (families.size < wanted.length) {
    throw fail('network.subnetsOfOneFamily', {}, { field: ['subnets'] })
  }
  const losing = input.ipv6 || families.has(6) ? await linkThatLosesItsRoute() : null
  if (losing !== null)
    throw fail('network.routeLost', { link: losing }, { field: families.has(6) ? ['subnets'] : ['ipv6'] })
  const id = createId(instance, new Set(networks.all().map(({ bridge }) => bridge)))
  const choose = [...(families.has(4) ? [] : [4 as const]), ...(input.ipv6 && !families.has(6) ? [6 as const] : [])]
  const networkOf = (subnet: string) =>
    networks.all().find((each) => each.subnets.some((own) => own.subnet === subnet))?.id
  const asked = wanted.map(({ subnet }) => subnet)
  const subnets = await reserveSubnets({ instance, network: id, wanted: asked, choose, networkOf })
  failurePoint('networks.create.reserved')
  const network: StoredNetwork = {
    ...{ version: 1, id, operationId, name: input.name, bridge: bridgeName(instance, id) },
    subnets: subnets.map((subnet) => wanted.find((each) => each.subnet === subnet) ?? withGateway(subnet)),
    ...{ internal: input.internal, mtu: input.mtu ?? null, dns: input.dns, labels: input.labels },
    ...{ createdAt: new Date().toISOString(), isDefault: false },
  }
  try {
    await networks.save(network)
  } catch (error) {
    await releaseSubnets(instance, id, subnets)
    throw error
  }
  failurePoint('networks.create.state')
  return network
}

function checkDriver({ driver }: NetworkCreateInput): void {
  if (driver === 'bridge') return
  throw fail('network.noDriver', { driver }, { field: ['driver'] })
}

/** Three letters of six are enough for a machine's networks; what is taken is not given again. */
function createId(instance: string, used: ReadonlySet<string>): string {
  for (;;) {
    const id = randomBytes(32).toString('hex')
    if (!used.has(bridgeName(instance, id))) return id
  }
}

function withGateway(subnet: string): Subnet {
  const block = parseBlock(subnet)
  if (block === null) throw fail('network.noSubnet', { subnet }, { field: ['subnets'] })
  return { subnet, gateway: formatAddress(usable(block).first, block.family), range: null }
}

/** Subnet, gateway and range in the one spelling, each within the other. */
function checkSubnet(input: NetworkCreateInput['subnets'][number], at: number): Subnet {
  const block = parseBlock(input.subnet)
  const shortest = block?.family === 4 ? 29 : 112
  if (block === null || block.prefix > shortest) {
    const least = `/29, of IPv6 a /112`
    throw fail('network.smallSubnet', { subnet: input.subnet, least }, { field: ['subnets', at, 'subnet'] })
  }
  const subnet = formatBlock(block)
  const gateway = canonicalAddress(input.gateway ?? withGateway(subnet).gateway)
  const inner = parseBlock(gateway)
  const { first, last } = usable(block)
  if (inner?.family !== block.family || inner.first < first || inner.first > last) {
    throw fail('network.badGateway', { gateway, subnet }, { field: ['subnets', at, 'gateway'] })
  }
  const range = input.range ?? null
  if (range === null) return { subnet, gateway, range }
  const part = parseBlock(range)
  if (part === null || !contains(block, part)) {
    throw fail('network.badRange', { range, subnet }, { field: ['subnets', at, 'range'] })
  }
  return { subnet, gateway, range: formatBlock(part) }
}
