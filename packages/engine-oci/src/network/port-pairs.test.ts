import { PortMapping } from '@flotilla/protocol'
import { expect, it } from 'vitest'
import { pairPorts } from './port-pairs.ts'

const port = (hostPort: number, containerPort = 80) => PortMapping.parse({ containerPort, hostPort })

it('each port that is there stands for one of those that are asked for, first for who names it', () => {
  const [one, two, other] = [port(1000), port(2000), port(3000, 81)]
  const there = [one, two, other]
  expect(pairPorts([port(0), port(0)], there)).toEqual([one, two])
  expect(pairPorts([port(0), port(1000)], there)).toEqual([two, one])
  expect(pairPorts([port(0), port(0), port(0), port(3000, 81)], there)).toEqual([one, two, undefined, other])
  expect(pairPorts([port(1000), port(1000), port(4000)], there)).toEqual([one, undefined, undefined])
  expect(pairPorts([port(0), port(1000)], [port(0)])).toEqual([port(0), undefined])
})
