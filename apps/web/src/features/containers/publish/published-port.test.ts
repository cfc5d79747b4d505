import type { PortMapping } from '@flotilla/protocol'
import { expect, it } from 'vitest'
import { publishedPort } from './published-port.ts'

const port = (hostPort: number, hostIp = '', containerPort = 80): PortMapping => ({
  ...{ containerPort, hostPort, hostIp, protocol: 'tcp' },
})

it('is the mapping that is new, not the first one of the same port of the container', () => {
  const before = [port(45_889)]
  expect(publishedPort(port(39_999), before, [...before, port(39_999)]).made).toEqual(port(39_999))
  expect(publishedPort(port(0), [], [port(45_889)]).made).toEqual(port(45_889))
  const loopback = port(40_000, '127.0.0.1')
  expect(publishedPort(port(0, '::ffff:127.0.0.1'), before, [...before, loopback]).made).toEqual(loopback)
})

it('is none where nothing was published that was not there before', () => {
  const before = [port(45_889), port(39_999), port(53, '', 53)]
  expect(publishedPort(port(0), before, before)).toEqual({ made: undefined, there: port(45_889) })
  expect(publishedPort(port(39_999), before, before)).toEqual({ made: undefined, there: port(39_999) })
})
