import { expect, it } from 'vitest'
import { exposedPorts, mostPublishedPorts } from './exposed-ports.ts'

const read = (...exposed: string[]) =>
  exposedPorts(exposed).map(({ containerPort, protocol }) => `${containerPort}/${protocol}`)

it('reads single ports and ranges, each port once', () => {
  expect(read('80', '53/udp', '80/tcp', '53/TCP')).toEqual(['80/tcp', '53/udp', '53/tcp'])
  expect(read('8000-8002/tcp', '8001-8003')).toEqual(['8000/tcp', '8001/tcp', '8002/tcp', '8003/tcp'])
  expect(read('7-7/udp', '65535')).toEqual(['7/udp', '65535/tcp'])
})

it('leaves out what is no port that can be published', () => {
  expect(read('', '80/sctp', '0', '65536', '9-8', '1-', '-1', '1-2-3', '80/tcp/udp', '0-5', 'http', '8e1')).toEqual([])
})

it('reads no more than can be published, and one that shows it', () => {
  expect(read('1-65535', ...Array.from({ length: 100_000 }, () => '1-65535/udp'))).toHaveLength(mostPublishedPorts + 1)
})
