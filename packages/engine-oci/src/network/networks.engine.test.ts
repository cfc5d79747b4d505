import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, runOk, spawn } from '@flotilla/host'
import { PortMapping } from '@flotilla/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createNetworks, releaseSubnet } from './index.ts'
import type { NetworkRequest, NetworkSetup, Networks } from './types.ts'

const instances = [randomBytes(3).toString('hex'), randomBytes(3).toString('hex')] as const
const ids = { web: 'a'.repeat(64), client: 'b'.repeat(64), other: 'c'.repeat(64), last: 'd'.repeat(64) }
const children: ReturnType<typeof spawn>[] = []
let folder = ''
let networks: Networks
let second: Networks

const open = (instance: string) =>
  createNetworks({
    instance,
    dataDir: join(folder, instance, 'data'),
    runDir: join(folder, instance, 'run'),
    log: { warn: (fields, message) => process.stderr.write(`${message} ${JSON.stringify(fields)}\n`) },
    failurePoint: () => {},
  })
const request = (containerId: string, name: string, ports: object[] = []): NetworkRequest => ({
  ...{ containerId, name, hostname: name, network: 'bridge', folder: join(folder, 'containers', name) },
  ports: ports.map((port) => PortMapping.parse(port)),
})
const inside = (setup: NetworkSetup, argv: string[]) => ['nsenter', `--net=${setup.netnsPath}`, ...argv]
const rules = async () => (await runOk(['iptables-save'])).stdout.toString().split('\n')
const ours = async () => (await rules()).filter((line) => instances.some((id) => line.includes(id)))
const fetchText = async (url: string) => (await fetch(url, { signal: AbortSignal.timeout(5000) })).text()

/** Runs a line of JavaScript in the container's network; needs no program but Node. */
const node = async (setup: NetworkSetup, code: string) =>
  (await runOk(inside(setup, [process.execPath, '-e', code]))).stdout.toString()
const fetchInside = (setup: NetworkSetup, url: string) =>
  node(setup, `fetch(${JSON.stringify(url)}).then(r => r.text()).then(t => process.stdout.write(t))`)

async function serve(setup: NetworkSetup, text: string) {
  const code = `require('http').createServer((_, r) => r.end(${JSON.stringify(text)})).listen(80, () => console.log('up'))`
  const child = spawn(inside(setup, [process.execPath, '-e', code]), { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  if (child.stdout !== null) await once(child.stdout, 'data', { signal: AbortSignal.timeout(10_000) })
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-network-'))
  networks = await open(instances[0])
  second = await open(instances[1])
})

afterAll(async () => {
  for (const child of children) {
    if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'close')
  }
  for (const each of [networks, second]) for (const id of await each.list()) await each.teardown(id)
  for (const id of instances) await releaseSubnet(id)
  rmSync(folder, { recursive: true })
})

describe('container networks', () => {
  let web: NetworkSetup
  it('gives a container an address and a published port that works from loopback and from another container', async () => {
    const begun = performance.now()
    web = await networks.setup(request(ids.web, 'web', [{ containerPort: 80 }, { containerPort: 53, protocol: 'udp' }]))
    process.stdout.write(`network setup with two ports: ${Math.round(performance.now() - begun)} ms\n`)
    const [port, udp] = web.ports.map(({ hostPort }) => hostPort)
    expect(port).toBeGreaterThan(1023)
    expect(udp).toBeGreaterThan(1023)
    await serve(web, 'from the container')
    expect(await fetchText(`http://127.0.0.1:${port}/`)).toBe('from the container')
    const client = await networks.setup(request(ids.client, 'client'))
    const published = `http://${networks.facts.gateway}:${port}/`
    expect(await fetchInside(client, `http://${web.address}/`)).toBe('from the container')
    expect(await fetchInside(client, published)).toBe('from the container')
    expect(await fetchInside(web, published)).toBe('from the container')
    const lookup = `const r = new (require('dns').promises.Resolver)(); r.setServers(['${networks.facts.gateway}'])`
    expect(await node(client, `${lookup}; r.resolve4('web').then(a => process.stdout.write(a.join()))`)).toBe(
      web.address,
    )
    expect(readFileSync(client.files.hosts ?? '', 'utf8')).toContain(`${client.address}\tclient`)
    expect(readFileSync(client.files.resolvConf ?? '', 'utf8')).toContain(`nameserver ${networks.facts.gateway}`)
  })

  it('names who holds a taken port, and leaves nothing half made', async () => {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const hostPort = typeof address === 'object' && address !== null ? address.port : 0
    await expect(
      networks.setup(request(ids.other, 'other', [{ containerPort: 1 }, { containerPort: 80, hostPort }])),
    ).rejects.toThrow(new RegExp(`TCP port ${hostPort} of this host is taken by .*process ${process.pid}`))
    // A container that has the number on another address is not to blame.
    await networks.setup(request(ids.other, 'other', [{ containerPort: 80, hostPort, hostIp: '127.0.0.2' }]))
    await expect(
      networks.setup(request(ids.last, 'last', [{ containerPort: 80, hostPort, hostIp: '127.0.0.1' }])),
    ).rejects.toThrow(new RegExp(`TCP port ${hostPort} of this host is taken by .*process ${process.pid}`))
    await networks.teardown(ids.other)
    server.close()
    const used = web.ports[0]?.hostPort
    await expect(
      networks.setup(request(ids.other, 'other', [{ containerPort: 80, hostPort: used }])),
    ).rejects.toMatchObject({
      kind: 'port.takenByContainer',
      field: ['ports', 0, 'hostPort'],
      objects: [{ kind: 'container', id: ids.web }],
    })
    expect(await networks.list()).toEqual([ids.web, ids.client])
    expect((await rules()).filter((line) => line.includes(ids.other))).toEqual([])
  })

  it('keeps the port held by a process of its own', async () => {
    const server = createServer()
    server.listen(web.ports[0]?.hostPort)
    const [error] = (await once(server, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('EADDRINUSE')
  })

  it('puts rules back that somebody flushed', async () => {
    expect(await networks.reconcile()).toBe(false)
    for (const [table, chain] of [
      ['nat', `FLOTILLA-${instances[0]}-DN`],
      ['filter', `FLOTILLA-${instances[0]}-FW`],
    ] as const) {
      await runOk(['iptables', '-w', '-t', table, '-F', chain])
    }
    await runOk([
      'iptables',
      '-w',
      '-t',
      'nat',
      '-D',
      'OUTPUT',
      '-m',
      'addrtype',
      '--dst-type',
      'LOCAL',
      '-j',
      `FLOTILLA-${instances[0]}-DN`,
    ])
    expect(await networks.reconcile()).toBe(true)
    expect(await networks.reconcile()).toBe(false)
    expect(await fetchText(`http://127.0.0.1:${web.ports[0]?.hostPort}/`)).toBe('from the container')
  })

  it('lets no container reach what listens on the host’s loopback', async () => {
    const server = createHttpServer((_, response) => response.end('of the host alone')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const sneaky = await networks.setup(request(ids.other, 'sneaky'))
    // What a raw frame does, by usual means: 127.0.0.1 is sent to the gateway's link address.
    const reroute = `ip address flush dev lo; ip route add 127.0.0.1 via ${networks.facts.gateway}`
    await runOk(inside(sneaky, ['sh', '-c', `echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet; ${reroute}`]))
    await runOk(['iptables', '-w', '-F', `FLOTILLA-${instances[0]}-IN`])
    expect(await fetchInside(sneaky, url)).toBe('of the host alone') // or else this test would prove nothing
    expect(await networks.reconcile()).toBe(true)
    const asked = `fetch('${url}', { signal: AbortSignal.timeout(1000) }).then(() => 'in', (error) => error.name)`
    expect(await node(sneaky, `${asked}.then((text) => (console.log(text), process.exit()))`)).toBe('TimeoutError\n')
    await networks.teardown(ids.other)
    server.close()
  })

  it('keeps two instances apart, one torn down while the other works', async () => {
    expect(second.facts.subnet).not.toBe(networks.facts.subnet)
    const other = await second.setup(request(ids.other, 'web', [{ containerPort: 80 }]))
    await serve(other, 'from the second')
    const port = other.ports[0]?.hostPort
    expect(await fetchText(`http://127.0.0.1:${port}/`)).toBe('from the second')
    await second.teardown(ids.other)
    expect(await fetchText(`http://127.0.0.1:${web.ports[0]?.hostPort}/`)).toBe('from the container')
    expect((await rules()).filter((line) => line.includes(instances[1]))).toEqual([])
    expect((await run(['ip', 'link', 'show', second.facts.bridge])).exitCode).not.toBe(0)
  })

  it('opens beside an instance that is taken away in the same moment', async () => {
    // A name with nothing behind it is what a register's reader sees that lists before the removal and reads after it.
    const gone = join('/run/flotilla/subnets', randomBytes(3).toString('hex'))
    symlinkSync(`${gone}.gone`, gone)
    try {
      expect((await open(instances[1])).facts).toEqual(second.facts)
    } finally {
      rmSync(gone)
    }
  })

  it('is found again by the next agent, which sweeps it', async () => {
    const next = await open(instances[0])
    expect(next.facts).toEqual(networks.facts)
    expect(await next.list()).toEqual([ids.web, ids.client])
    expect(await next.reconcile()).toBe(false)
    for (const id of await next.list()) await next.teardown(id)
    await next.teardown(ids.web)
    networks = next
    expect(await ours()).toEqual([])
    expect(readdirSync(join(folder, instances[0], 'run/netns'))).toEqual([])
    expect(existsSync(`/sys/class/net/${next.facts.bridge}`)).toBe(false)
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(join(folder, instances[0]))
  })

  it('has nothing to make for the host’s network or none, and refuses ports there', async () => {
    const none = await networks.setup({ ...request(ids.other, 'alone'), network: 'none' })
    expect(none).toMatchObject({ netnsPath: null, address: null, ports: [] })
    const asked = { ...request(ids.other, 'alone', [{ containerPort: 80 }]), network: 'host' as const }
    await expect(networks.setup(asked)).rejects.toThrow(/cannot be published/)
  })
})
