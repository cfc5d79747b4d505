import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { Resolver } from 'node:dns/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, runOk, spawn } from '@flotilla/host'
import { PortMapping } from '@flotilla/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createNetworks, releaseSubnet } from './index.ts'
import type { Networks } from './types.ts'

const instance = randomBytes(3).toString('hex')
const idOf = (letter: string) => letter.repeat(64)
let folder = ''
let networks: Networks
let linked = 0
/** The point at which the next step fails. */
let failing = ''

const open = () =>
  createNetworks({
    ...{ instance, dataDir: join(folder, 'data'), runDir: join(folder, 'run') },
    ...{ spares: 1, log: { warn: () => {} } },
    failurePoint: (name) => {
      if (name === 'network.spare.linked') linked += 1
      if (name === failing) throw new Error(`failed at ${name}`)
    },
  })

async function connect(letter: string) {
  const setup = await networks.setup({
    ...{ containerId: idOf(letter), name: `box-${letter}`, hostname: letter, network: 'bridge' },
    ...{ ports: [PortMapping.parse({ containerPort: 80 })], folder: join(folder, 'boxes', letter) },
  })
  return setup
}

const pins = () => readdirSync(join(folder, 'run/netns')).filter((name) => name.startsWith('spare-'))
const leases = () =>
  (JSON.parse(readFileSync(join(folder, 'data/network.json'), 'utf8')) as { leases: Record<string, unknown> }).leases
/** Waits for one more spare that is whole. */
async function ready(): Promise<void> {
  await expect.poll(() => linked, { timeout: 10_000 }).toBeGreaterThan(0)
  linked = 0
}

async function lookup(name: string): Promise<string[]> {
  const resolver = new Resolver({ timeout: 500, tries: 1 })
  resolver.setServers([networks.facts.gateway])
  return resolver.resolve4(name).catch(() => [])
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-spares-'))
  linked = 0
  networks = await open()
})
afterEach(async () => {
  await networks.recover()
  for (const id of await networks.list()) await networks.teardown(id)
  await networks.close()
  await releaseSubnet(instance)
  rmSync(folder, { recursive: true })
})

it('hands out a namespace that was linked before, with the name, rules and address of its container', async () => {
  await connect('a')
  await ready()
  const [spare = ''] = pins()
  const setup = await connect('b')
  expect(setup.netnsPath).toBe(join(folder, 'run/netns', spare))
  const inside = await runOk(['nsenter', `--net=${setup.netnsPath}`, 'ip', '-o', '-4', 'address'])
  expect(inside.stdout.toString()).toContain(`${setup.address}/24`)
  await expect.poll(() => lookup('box-b')).toEqual([setup.address])
  expect(await lookup(idOf('b').slice(0, 12))).toEqual([setup.address])
  await expect.poll(() => lookup(spare)).toEqual([])
  const rules = (await runOk(['iptables-save', '-t', 'nat'])).stdout.toString()
  expect(rules).toContain(`--dport ${setup.ports[0]?.hostPort} -j DNAT --to-destination ${setup.address}:80`)
  expect(await networks.list()).toEqual([idOf('a'), idOf('b')])
  await ready() // the next one, beside it
  expect(pins()).toHaveLength(2)
})

it('keeps no more than it may, and lets go of what it kept when it is closed; containers stay', async () => {
  const first = await connect('a')
  await ready()
  await networks.close()
  expect(pins()).toEqual([])
  expect(Object.keys(leases())).toEqual([idOf('a')])
  expect(await lookup('box-a')).toEqual([first.address])
  networks = await open()
  await networks.teardown(idOf('a'))
  expect(existsSync(`/sys/class/net/${networks.facts.bridge}`)).toBe(false)
  expect((await runOk(['iptables-save'])).stdout.toString()).not.toContain(instance)
})

it('leaves out one whose link somebody took away', async () => {
  await connect('a')
  await ready()
  const [spare = ''] = pins()
  await runOk(['nsenter', `--net=${join(folder, 'run/netns', spare)}`, 'ip', 'link', 'delete', 'eth0'])
  const setup = await connect('b')
  expect(setup.netnsPath).toBe(join(folder, 'run/netns', idOf('b')))
  expect(pins()).not.toContain(spare)
  await expect.poll(() => lookup('box-b')).toEqual([setup.address])
})

it('is swept by the next agent, whose containers keep a namespace that was a spare once', async () => {
  await connect('a')
  await ready()
  const setup = await connect('b')
  await ready()
  networks = await open() // as after a kill: nobody closed the one before
  await networks.recover()
  expect(await networks.list()).toEqual([idOf('a'), idOf('b')])
  expect(Object.keys(leases())).toEqual([idOf('a'), idOf('b')])
  expect(pins().map((name) => join(folder, 'run/netns', name))).toEqual([setup.netnsPath])
  await networks.teardown(idOf('b'))
  expect(pins()).toEqual([])
  expect(await lookup('box-b')).toEqual([])
})

it('gives the ports of a container back though the rest of it cannot be taken away, which a second call does', async () => {
  const { ports } = await connect('a')
  failing = 'network.unpinned'
  await expect(networks.teardown(idOf('a'))).rejects.toThrow(failing)
  failing = ''
  const server = createServer().listen(ports[0]?.hostPort, '0.0.0.0')
  await once(server, 'listening')
  server.close()
  expect(Object.keys(leases())).toContain(idOf('a'))
  await networks.teardown(idOf('a'))
  expect(Object.keys(leases())).not.toContain(idOf('a'))
})

it('leads who sent datagrams before the first container of an agent was there to it', async () => {
  const port = 20_000 + (process.pid % 10_000)
  // Something of the machine's has the kernel follow connections before any rule of ours does.
  const counting = ['INPUT', '-p', 'udp', '--dport', String(port), '-m', 'conntrack', '--ctstate', 'NEW']
  await runOk(['iptables', '-I', ...counting])
  const sender = createSocket('udp4')
  let answers = 0
  sender.on('message', () => (answers += 1)).bind()
  const sending = setInterval(() => sender.send('hello', port, '127.0.0.1'), 50)
  const tracked = async () => (await run(['conntrack', '-L', '-p', 'udp', '--dport', String(port)])).stdout.toString()
  let echo: ReturnType<typeof spawn> | undefined
  try {
    await expect.poll(tracked).toContain(`dport=${port}`)
    const { netnsPath, address } = await networks.setup({
      ...{ containerId: idOf('u'), name: 'box-u', hostname: 'u', network: 'bridge', folder: join(folder, 'boxes/u') },
      ports: [PortMapping.parse({ containerPort: 53, hostPort: port, protocol: 'udp' })],
    })
    const script =
      "const s = require('dgram').createSocket('udp4'); s.on('message', (m, r) => s.send(m, r.port, r.address)).bind(53)"
    echo = spawn(['nsenter', `--net=${netnsPath}`, process.execPath, '-e', script], { stdio: 'ignore' })
    await expect.poll(() => answers, { timeout: 10_000 }).toBeGreaterThan(0)
    // By the kernel, and not by the port's holder, which would have the container see another sender.
    expect(await tracked()).toContain(`src=${address}`)
  } finally {
    echo?.kill('SIGKILL')
    clearInterval(sending)
    sender.close()
    await runOk(['iptables', '-D', ...counting])
  }
})
