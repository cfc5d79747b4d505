import { PortMapping } from './container.ts'
import { describe, expect, it } from 'vitest'
import { refuseDoubles } from './host-places.ts'

const on = (hostIp: string, more: Partial<PortMapping> = {}) =>
  PortMapping.parse({ containerPort: 80, hostPort: 8080, hostIp, ...more })
const twice = { kind: 'port.askedTwice', field: ['ports', 1, 'hostPort'], params: { place: 'TCP port 8080' } }
const refused = (work: () => void): unknown => {
  try {
    work()
  } catch (error) {
    return error
  }
  return 'nothing was refused'
}

describe('a place on the host that is asked for twice', () => {
  it.each([
    ['::', '::1'],
    ['::1', '::'],
    ['0.0.0.0', '127.0.0.1'],
    ['', '::1'],
    ['', ''],
    ['127.0.0.1', '::ffff:127.0.0.1'],
  ])('is refused as that, on %j and %j', (one, other) => {
    expect(refused(() => refuseDoubles([on(one), on(other)]))).toMatchObject(twice)
    expect(refused(() => refuseDoubles([on(other, { hostPort: 8081 }), on(other)], [on(one)]))).toMatchObject(twice)
  })

  it('is none where the addresses, the protocols or the numbers have nothing in common, or a free number is asked for', () => {
    refuseDoubles([on('0.0.0.0'), on('::'), on('', { protocol: 'udp' }), on('', { hostPort: 8081 })])
    refuseDoubles([on('127.0.0.1'), on('127.0.0.2'), on('::1')])
    refuseDoubles([on('', { hostPort: 0 }), on('', { hostPort: 0 })], [on('', { hostPort: 0 })])
  })
})
