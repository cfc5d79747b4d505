import type { ContainerSpecInput } from '@flotilla/protocol'
import { freePort } from '@flotilla/testkit/lab/free-port'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fetchFromHost } from '../network/testing/boxes.ts'
import { makePlace, type Opened, openEngine, type Place, removeAll, testImage } from '../testing/engine-fixture.ts'

let place: Place
let on: Opened

beforeAll(async () => {
  place = await makePlace()
  on = await openEngine(place, { spares: 0 })
})
afterAll(async () => {
  await removeAll(on)
  await on.close()
  await place.remove()
})

async function start(name: string, script: string, more: Partial<ContainerSpecInput>): Promise<string> {
  const spec = { name, image: testImage, command: ['/bin/sh', '-c', script], stopTimeoutSeconds: 1, ...more }
  const { container } = await on.client.containers.create(spec)
  await on.client.containers.start({ id: container.id })
  return container.id
}

it('names the container whose program has a port of the host’s network, and neither the program nor its process', async () => {
  const hostPort = await freePort()
  const serve = `mkdir -p /w; echo held >/w/index.html; exec httpd -f -p ${hostPort} -h /w`
  const holder = await start('holder', serve, { network: 'host' })
  await expect.poll(() => fetchFromHost('127.0.0.1', hostPort), { timeout: 10_000 }).toBe('held')
  const ports = [{ containerPort: 80, hostPort }]
  const refusal = {
    kind: 'port.takenByContainer',
    message: expect.not.stringMatching(/httpd|process/) as string,
    field: ['ports', 0, 'hostPort'],
    params: { place: `TCP port ${hostPort}` },
    objects: [{ kind: 'container', id: holder }],
  }
  await expect(start('wants', 'sleep 60', { ports })).rejects.toMatchObject(refusal)
  const running = await start('runs', 'sleep 60', {})
  await expect(on.networks.publish({ id: running, ports })).rejects.toMatchObject(refusal)
})
