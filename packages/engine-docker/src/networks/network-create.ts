import { BlockList, isIP } from 'node:net'
import { fail, type NetworkCreateInput } from '@flotilla/protocol'
import { operationLabel } from '../containers/container-map.ts'
import type { NetworkAnswer } from './network-answers.ts'
import { firstAddress, mtuOption } from './network-map.ts'

/** What was asked as the body of Docker's create, marked with the operation that asked for it. */
export function networkOptions(input: NetworkCreateInput, operationId: string): object {
  const config = input.subnets.map(({ subnet, gateway, range }) => ({
    ...{ Subnet: subnet, Gateway: gateway ?? firstAddress(subnet) },
    ...(range === undefined || range === null ? {} : { IPRange: range }),
  }))
  return {
    ...{ Name: input.name, CheckDuplicate: true, Driver: input.driver, Internal: input.internal },
    EnableIPv6: input.ipv6 || input.subnets.some(({ subnet }) => subnet.includes(':')),
    IPAM: { Driver: 'default', Config: config },
    Options: input.mtu === undefined ? {} : { [mtuOption]: String(input.mtu) },
    Labels: { ...input.labels, [operationLabel]: operationId },
  }
}

/** Throws CONFLICT where the name is another's, which Docker may allow, or a subnet overlaps one that is there. */
export function refuseUsed(input: NetworkCreateInput, there: readonly NetworkAnswer[]): void {
  if (there.some(({ Name }) => Name === input.name)) {
    throw fail('network.nameTaken', { name: input.name }, { field: ['name'] })
  }
  input.subnets.forEach(({ subnet }, at) => {
    for (const { Id: id, IPAM } of there) {
      const other = IPAM.Config.find(({ Subnet }) => overlaps(subnet, Subnet))?.Subnet
      if (other === undefined) continue
      const params = { subnet, other, holder: 'the subnet of another network' }
      throw fail('network.overlaps', params, { field: ['subnets', at, 'subnet'], objects: [{ kind: 'network', id }] })
    }
  })
}

/** Of two blocks that overlap, one holds the other's first address. */
function overlaps(one: string, other: string): boolean {
  return holds(one, other) || holds(other, one)
}

/** Whether a block of addresses holds an address, or the first one of another block. */
export function holds(outer: string, inner: string): boolean {
  const [base = '', prefix = ''] = outer.split('/')
  const [address = ''] = inner.split('/')
  const family = isIP(base)
  if (family === 0 || family !== isIP(address)) return false
  const type = family === 4 ? 'ipv4' : 'ipv6'
  const block = new BlockList()
  block.addSubnet(base, Number(prefix), type)
  return block.check(address, type)
}
