import { BlockList, isIP } from 'node:net'
import { fail, type NetworkCreateInput, type Subnet } from '@flotilla/protocol'

/** Whether a block of addresses, or one address, is a part of the other or holds it. */
export function overlaps(one: string, other: string): boolean {
  return holds(one, other) || holds(other, one)
}

/** Whether the address, or the block's first one, is in the block. */
export function holds(block: string, address: string): boolean {
  const [base = '', prefix = ''] = block.split('/')
  const [first = ''] = address.split('/')
  const family = isIP(base)
  if (family === 0 || family !== isIP(first)) return false
  const list = new BlockList()
  list.addSubnet(base, Number(prefix), family === 4 ? 'ipv4' : 'ipv6')
  return list.check(first, family === 4 ? 'ipv4' : 'ipv6')
}

/** The address so many places after the block's first; of IPv6 within its last group. */
export function addressAt(block: string, place: number): string {
  const [base = ''] = block.split('/')
  if (base.includes(':')) return `${base.replace(/::.*$/, '::')}${place.toString(16)}`
  const number = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + place
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
}

/** What was asked with what was left out, and free blocks where none was asked for. Throws CONFLICT that names what is overlapped. */
export function subnetsOf(input: NetworkCreateInput, there: readonly { id: string; subnets: Subnet[] }[]): Subnet[] {
  const used = there.flatMap(({ id, subnets }) => subnets.map(({ subnet }) => ({ id, subnet })))
  const wanted = input.subnets.map(({ subnet, gateway, range }, at) => {
    const other = used.find((one) => overlaps(one.subnet, subnet))
    if (other !== undefined) {
      const params = { subnet, other: other.subnet, holder: 'the subnet of another network' }
      const objects = [{ kind: 'network', id: other.id }]
      throw fail('network.overlaps', params, { field: ['subnets', at, 'subnet'], objects })
    }
    return { subnet, gateway: gateway ?? addressAt(subnet, 1), range: range ?? null }
  })
  const free = (blockOf: (number: number) => string) => {
    let number = 0
    while (used.some(({ subnet }) => overlaps(subnet, blockOf(number)))) number += 1
    return { subnet: blockOf(number), gateway: addressAt(blockOf(number), 1), range: null }
  }
  const has = (family: 4 | 6) => wanted.some(({ gateway }) => isIP(gateway) === family)
  if (!has(4)) wanted.unshift(free((number) => `10.${Math.floor(number / 256) % 256}.${number % 256}.0/24`))
  if (input.ipv6 && !has(6)) wanted.push(free((number) => `fd00:fa4e:${number.toString(16)}::/64`))
  return wanted
}
