import type { PortMapping } from '@flotilla/protocol'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { fetchFromHost } from '../network/testing/boxes.ts'
import { makePlace, type Opened, openEngine, type Place, removeAll, testImage } from '../testing/engine-fixture.ts'

let place: Place
let on: Opened

beforeAll(async () => {
  place = await makePlace()
  on = await openEngine(place, { spares: 0 })
})
afterEach(() => removeAll(on))
afterAll(async () => {
  await on.close()
  await place.remove()
})

it('a port of a container is published at as many numbers as are asked for, and each stays once it was asked for as it is shown', async () => {
  const command = [
    '/bin/sh',
    '-c',
    "trap 'exit 0' TERM; mkdir -p /w; echo web >/w/index.html; httpd -f -p 80 -h /w & wait",
  ]
  const made = { name: 'web', image: testImage, command, ports: [{ containerPort: 81 }] }
  const { id } = (await on.client.containers.create(made)).container
  await on.client.containers.start({ id })
  const shownPorts = async () => (await on.client.containers.inspect({ id })).container.ports
  const hostPorts = async () => (await shownPorts()).map((port) => port.hostPort).sort((a, b) => a - b)
  const answers = (port: number) => expect.poll(() => fetchFromHost('127.0.0.1', port), { timeout: 5000 }).toBe('web')
  const publish = (...ports: object[]) => on.networks.publish({ id, ports: ports as PortMapping[] })
  await publish({ containerPort: 80 }, { containerPort: 80 })
  await publish({ containerPort: 80 }, { containerPort: 80 })
  const twice = await hostPorts()
  expect(new Set(twice).size).toBe(3)
  const shown = (await shownPorts()).find((port) => port.containerPort === 81)?.hostPort ?? 0
  await publish({ containerPort: 81, hostPort: shown })
  await publish({ containerPort: 82 })
  const ports = await hostPorts()
  expect(ports).toEqual(expect.arrayContaining(twice))
  await on.client.containers.restart({ id })
  expect(await hostPorts()).toEqual(ports)
  for (const port of twice) if (port !== shown) await answers(port)
  await on.client.containers.stop({ id })
  const asked = { containerPort: 83, hostPort: 18_083 }
  await expect(publish(asked, asked)).rejects.toMatchObject({
    kind: 'port.askedTwice',
    field: ['ports', 1, 'hostPort'],
  })
  const spec = { name: 'doubled', image: testImage, ports: [asked, asked] }
  await expect(on.client.containers.create(spec)).rejects.toMatchObject({ kind: 'port.askedTwice' })
})
