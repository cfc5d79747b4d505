import { PortMapping } from '@flotilla/protocol'
import { expect, it } from 'vitest'
import { LostPorts } from './lost-ports.ts'

const [web, mail] = [80, 25].map((containerPort) =>
  PortMapping.parse({ containerPort, hostPort: 8000 + containerPort }),
)
const ports = [web, mail].filter((port) => port !== undefined)
const lostAt = (address: string) => ports.slice(0, 1).map((port) => ({ port, address, error: new Error('taken') }))

it('leaves a port that is lost in one family to the other, and one that is lost in both to nobody', () => {
  const lost = new LostPorts()
  expect(lost.held('a', ports)).toEqual(ports)
  expect(lost.set('a', lostAt('0.0.0.0'))).toBe(true)
  expect(lost.set('a', lostAt('0.0.0.0'))).toBe(false)
  expect(lost.held('a', ports)).toEqual([{ ...web, hostIp: '::' }, mail])
  expect(lost.held('b', ports)).toEqual(ports)
  expect(lost.set('a', ['0.0.0.0', '::'].flatMap(lostAt))).toBe(true)
  expect(lost.held('a', ports)).toEqual([mail])
  expect(lost.reason('a', ports)).toEqual(new Error('taken'))
  expect(lost.set('a', [])).toBe(true)
  expect(lost.held('a', ports)).toEqual(ports)
  expect(lost.reason('a', ports)).toBeUndefined()
})
