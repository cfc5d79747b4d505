import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runOk } from '@flotilla/host'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fetchFromHost } from '../network/testing/boxes.ts'
import { makePlace, type Opened, openEngine, type Place, removeAll, testImage } from '../testing/engine-fixture.ts'

/** Points in the order in which each change passes them. */
const points = {
  publish: ['network.publish.held', 'network.publish.leased', 'network.publish.ruled'],
  unpublish: ['network.publish.held', 'network.publish.leased', 'network.publish.ruled'],
  connect: ['network.connect.leased', 'network.attached', 'network.connect.linked'],
  disconnect: ['network.disconnect.unlinked', 'network.disconnect.leased'],
}
type Change = keyof typeof points
const changes = Object.keys(points) as Change[]
const errors = changes.flatMap((change) =>
  ['containers.network.state', ...points[change], 'containers.network.changed'].map(
    (point) => [change, point] as const,
  ),
)
const newPort = 20_000 + (process.pid % 10_000)
let place: Place
let on: Opened
let container = ''
let hostPort = 0
/** Where the engine throws, once. */
let failing = ''

beforeAll(async () => {
  place = await makePlace()
  on = await openEngine(place, {
    spares: 0,
    failurePoint: (name) => {
      if (name !== failing) return
      failing = ''
      throw new Error(`an error at ${name}`)
    },
  })
  for (const name of ['joined', 'other']) await on.networks.create({ name, ipv6: true })
  const serve = `trap 'exit 0' TERM; mkdir -p /w; echo web >/w/index.html; httpd -f -p 80 -h /w & wait`
  const spec = { name: 'web', image: testImage, command: ['/bin/sh', '-c', serve], stopTimeoutSeconds: 1 }
  const networks = [{ network: 'bridge' }, { network: 'joined', aliases: ['www'] }]
  const made = await on.client.containers.create({ ...spec, networks, ports: [{ containerPort: 80 }] })
  container = made.container.id
  await on.client.containers.start({ id: container })
  hostPort = (await on.client.containers.inspect({ id: container })).container.ports[0]?.hostPort ?? 0
})
afterAll(async () => {
  await removeAll(on)
  const { networks } = await on.networks.prunePreview({})
  await on.networks.prune({ ids: networks.map(({ id }) => id) })
  await on.close()
  await place.remove()
})

const make: Record<Change, () => Promise<unknown>> = {
  publish: () => on.networks.publish({ id: container, ports: [{ containerPort: 80, hostPort: newPort }] }),
  unpublish: () => on.networks.unpublish({ id: container, ports: [{ containerPort: 80, hostPort }] }),
  connect: () => on.networks.connect({ id: 'other', container, aliases: ['www'] }),
  disconnect: () => on.networks.disconnect({ id: 'joined', container }),
}
const lines = (text: Buffer) => text.toString().split('\n')
const row = () => on.client.containers.inspect({ id: container })

/** All that the changes are about: the row, the record and the lease, who answers, the kernel's rules, links, names and files. */
async function stateNow() {
  const { container: listed, networks, pid } = await row()
  const inside = (...argv: string[]) => runOk(['nsenter', `--net=/proc/${pid}/ns/net`, 'ip', '-o', ...argv])
  const read = (...path: string[]) => readFile(join(...path), 'utf8')
  const programs = ['iptables-save', 'ip6tables-save']
  const saved = await Promise.all(programs.map(async (program) => lines((await runOk([program])).stdout)))
  const { resolved, spec, run } = JSON.parse(await read(place.dataDir, 'containers', container, 'container.json')) as {
    [key: string]: { [key: string]: unknown }
  }
  const links = lines((await inside('addr', 'show', 'scope', 'global')).stdout)
  const routes = lines((await inside('route')).stdout)
  const names = await runOk(['sh', '-c', `cat ${join(place.runDir, 'network/netavark/aardvark-dns')}/fl* | sort`])
  return {
    ...{ listed, networks, spec, ports: resolved?.['ports'], run },
    leases: JSON.parse(await read(place.dataDir, 'network', 'network.json')) as unknown,
    answers: await Promise.all([hostPort, newPort].map((port) => fetchFromHost('127.0.0.1', port))),
    held: lines((await runOk(['ss', '-Hltnu'])).stdout).filter((line) =>
      [hostPort, newPort].some((port) => line.includes(`:${port} `)),
    ).length,
    rules: saved.map((all) => all.filter((line) => line.includes(place.instance) && line.startsWith('-A')).sort()),
    links: links.map((line) => line.split(/\s+/).slice(1, 4).join(' ')).sort(),
    routes: routes.map((line) => line.trim()).sort(),
    names: lines(names.stdout),
    files: await Promise.all(['hosts', 'resolv.conf'].map((name) => read(`/proc/${pid}/root/etc`, name))),
  }
}

describe('a change of the networks or ports of a running container', () => {
  it.each(errors)('that fails (%s, at %s) leaves all as it was', async (change, point) => {
    const before = await stateNow()
    expect(before.answers).toEqual(['web', 'ECONNREFUSED'])
    failing = point
    await expect(make[change]()).rejects.toThrow()
    expect(failing).toBe('') // it came there
    expect(await stateNow()).toEqual(before)
  })

  it.each(changes)('is made after all those errors (%s)', async (change) => {
    await make[change]()
    const { container: listed, networks } = await row()
    const names = networks?.map(({ name }) => name).sort()
    const ports = listed.ports.map((port) => port.hostPort)
    if (change === 'publish') expect(ports).toEqual([hostPort, newPort])
    if (change === 'unpublish') expect(ports).toEqual([newPort])
    if (change === 'connect') expect(names).toEqual(['bridge', 'joined', 'other'])
    if (change === 'disconnect') expect(names).toEqual(['bridge', 'other'])
  })
})
