import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { identifyProcess, isAlive, type ProcessIdentity } from '@flotilla/kernel'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makePlace, type Opened, openEngine, type Place, removeAll, testImage } from '../testing/engine-fixture.ts'

let place: Place
let on: Opened
const reported: { path?: string; message: string }[] = []
const log = {
  info: () => {},
  warn: (fields: object, message: string) => void reported.push({ ...fields, message }),
}
const open = () => openEngine(place, { log })

beforeAll(async () => {
  place = await makePlace()
  on = await open()
})
afterAll(async () => {
  await removeAll(on)
  await on.close()
  await place.remove()
})

interface File {
  subnet: string
  leases: Record<string, object>
}
const leasesPath = () => join(place.dataDir, 'network/network.json')

/** What the file says, without the namespaces that are prepared for the next starts. */
async function readLeases(): Promise<File> {
  const { subnet, leases } = JSON.parse(await readFile(leasesPath(), 'utf8')) as File
  return { subnet, leases: Object.fromEntries(Object.entries(leases).filter(([id]) => !id.startsWith('spare-'))) }
}

const fetchText = async (port: number) =>
  (await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(5000) })).status
const processOf = async (id: string) =>
  (await identifyProcess((await on.client.containers.kernel({ id })).pid)) as ProcessIdentity

async function make(name: string, more: object = {}) {
  const { container } = await on.client.containers.create({
    ...{ name, image: testImage, command: ['/bin/sh', '-c', 'exec httpd -f -p 80'] },
    ...{ ports: [{ containerPort: 80 }], ...more },
  })
  const started = await on.client.containers.start({ id: container.id })
  return { id: container.id, port: started.container.ports[0]?.hostPort ?? 0, process: await processOf(container.id) }
}

it('finds again who has which addresses and ports where that was lost while containers run, and none of them notices', async () => {
  const { network } = await on.client.networks.create({ name: 'both', ipv6: true })
  const containers = [await make('first')]
  // By now a namespace is prepared, which the next one takes over.
  await expect.poll(() => readFile(leasesPath(), 'utf8')).toMatch(/spare-[0-9a-f]{8}":\{[^}]*"linked":true/)
  containers.push(await make('second'))
  const networks = [{ network: 'bridge' }, { network: network.id, aliases: ['other'] }]
  containers.push(await make('third', { networks }))
  const sharer = await make('sharer', { network: 'container:first', ports: [], command: ['/bin/sleep', '1000'] })
  await on.close()
  const before = await readLeases()
  expect(Object.keys(before.leases)).toHaveLength(3)
  expect(JSON.stringify(before.leases)).toContain('"pin":"spare-')
  // Whose record a newer agent wrote keeps its network as well.
  const record = join(place.dataDir, 'containers', containers[1]?.id ?? '', 'container.json')
  const whole = await readFile(record, 'utf8')
  await writeFile(record, JSON.stringify({ ...(JSON.parse(whole) as object), version: 2 }))

  for (const damage of [() => writeFile(leasesPath(), '{"version":2,"subnet":"10.1'), () => rm(leasesPath())]) {
    await damage()
    on = await open()
    await on.close()
    expect(await readLeases()).toEqual(before)
  }
  expect(await readFile(`${leasesPath()}.unreadable`, 'utf8')).toBe('{"version":2,"subnet":"10.1')
  expect(reported).toContainEqual(
    expect.objectContaining({
      path: `${leasesPath()}.unreadable`,
      message: expect.stringMatching(/^the list of addresses and ports of containers cannot be read/) as string,
    }),
  )

  await writeFile(record, whole)
  on = await open()
  for (const { id, port, process } of containers) {
    expect(await isAlive(process)).toBe(true)
    expect(await fetchText(port)).toBeLessThan(500)
    expect((await on.client.containers.inspect({ id })).container).toMatchObject({ state: 'running' })
  }
  expect(await isAlive(sharer.process)).toBe(true)
  const { endpoints } = await on.client.networks.inspect({ id: network.id })
  expect(endpoints).toMatchObject([{ containerName: 'third', connected: true, aliases: ['other'] }])
  // Nobody is given an address or a port of theirs.
  const addresses = new Set(
    Object.values(before.leases).map((lease) => JSON.stringify(lease).match(/"ipv4":"[^"]+"/)?.[0]),
  )
  const { id } = await make('fourth')
  const { ipAddress } = (await on.client.containers.inspect({ id })).container
  expect(addresses.has(`"ipv4":"${ipAddress}"`)).toBe(false)
  await removeAll(on)
  await on.client.networks.remove({ id: network.id })
})
