import { expect, test } from 'vitest'
import { NetworkCreateInput, networkMethods } from './network.ts'

const ask = (subnet: object, name = 'shop') => NetworkCreateInput.safeParse({ name, subnets: [subnet] })
const fieldsOf = (subnet: object) => ask(subnet).error?.issues.map(({ path }) => path.join('.'))

test.each([
  '127.0.0.0/24',
  '0.1.0.0/16',
  '224.0.0.0/24',
  '240.0.0.0/24',
  '255.255.255.0/24',
  '169.254.169.0/24',
  '169.0.0.0/8',
  '100.100.100.0/24',
  '10.0.0.0/7',
  '0.0.0.0/0',
  'fe80::/64',
  'ff02::/64',
  '::/112',
  '::ffff:10.0.0.0/112',
  '2000::/3',
  'fd00::/16',
  'fd00:ec2::/64',
])('no network is made of %s', (subnet) => {
  expect(fieldsOf({ subnet })).toEqual(['subnets.0.subnet'])
})

test('a range holds an address beside the gateway', () => {
  const v4 = { subnet: '10.79.0.0/24', gateway: '10.79.0.1' }
  for (const range of ['10.79.0.1/32', '10.79.0.0/31', '10.79.0.0/32', '10.79.0.255/32']) {
    expect([range, fieldsOf({ ...v4, range })]).toEqual([range, ['subnets.0.range']])
  }
  expect(fieldsOf({ subnet: v4.subnet, range: '10.79.0.1/32' })).toEqual(['subnets.0.range'])
  expect(fieldsOf({ subnet: 'fd12::/64', range: 'fd12::1/128' })).toEqual(['subnets.0.range'])
  for (const range of ['10.79.0.2/32', '10.79.0.0/30', '10.79.0.128/25'])
    expect(fieldsOf({ ...v4, range })).toBeUndefined()
})

test('what is others’ on the internet is asked for with a permission of its own', () => {
  const reasons = (subnet: string) => {
    const { data } = ask({ subnet })
    if (data === undefined) throw new Error(`${subnet} is refused`)
    return networkMethods.create.privileged?.reasons(data)
  }
  for (const subnet of ['8.0.0.0/8', '172.0.0.0/8', '203.0.113.0/24', '2001:4860::/64']) {
    expect(reasons(subnet)).toEqual([`the public addresses ${subnet}`])
  }
  for (const subnet of ['10.0.0.0/8', '172.31.0.0/16', '192.168.7.0/24', '100.64.1.0/24', 'fd12:3456::/64']) {
    expect(reasons(subnet)).toEqual([])
  }
})

test('no network has the name of a mode', () => {
  for (const name of ['host', 'none', 'default', 'container:web']) {
    expect(NetworkCreateInput.safeParse({ name }).error?.issues[0]?.path).toEqual(['name'])
  }
  expect(NetworkCreateInput.safeParse({ name: 'hosts' }).success).toBe(true)
})

test('no network has a name that looks like an id, by which another may be found', () => {
  for (const name of ['deadbeefdead', 'c0ffee'.repeat(8)]) {
    expect(NetworkCreateInput.safeParse({ name }).error?.issues[0]?.path).toEqual(['name'])
  }
  for (const name of ['deadbeef', 'deadbeefdeadline']) {
    expect(NetworkCreateInput.safeParse({ name }).success).toBe(true)
  }
})
