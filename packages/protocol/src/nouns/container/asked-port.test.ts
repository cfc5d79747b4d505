import { expect, it } from 'vitest'
import { AskedPort, ContainerCreateInput, PortMapping } from './container.ts'

it.each(['224.0.0.1', '239.255.0.9', '255.255.255.255', 'ff02::1', 'FF0E::1', '::ffff:224.0.0.1'])(
  'no port is published on %s, which is nobody’s address, and one that is there is read',
  (hostIp) => {
    const port = { containerPort: 80, hostPort: 8080, hostIp }
    const path = ['ports', 0, 'hostIp']
    expect(AskedPort.safeParse(port).error?.issues).toMatchObject([{ path: ['hostIp'], message: 'port.manyHosts' }])
    const refused = ContainerCreateInput.safeParse({ image: 'web', ports: [port] })
    expect(refused.error?.issues).toMatchObject([{ path, message: 'port.manyHosts' }])
    expect(PortMapping.parse(port)).toMatchObject({ hostPort: 8080 })
  },
)

it.each(['', '0.0.0.0', '127.0.0.1', '223.255.255.1', '22.4.0.1', '::', '::1', 'fd00::ff02', 'ff::1'])(
  'a port may be asked for on "%s"',
  (hostIp) => {
    expect(AskedPort.parse({ containerPort: 80, hostIp })).toMatchObject({ hostIp })
  },
)
