import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { runOk, spawn } from '@flotilla/host'
import { type ContainerSpecInput, type FlotillaError, PortMapping } from '@flotilla/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fetchFromHost, fetchIn, resolveIn, udpFromHost } from '../network/testing/boxes.ts'
import { makePlace, type Opened, openEngine, type Place, removeAll, testImage } from '../testing/engine-fixture.ts'

const isLong = process.env['FLOTILLA_LONG'] === '1'
let place: Place
let on: Opened
const children: ReturnType<typeof spawn>[] = []

beforeAll(async () => {
  place = await makePlace()
  on = await openEngine(place)
})
afterEach(async () => {
  for (const child of children.splice(0))
    if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'close')
  await removeAll(on)
  const { networks } = await on.networks.prunePreview({})
  if (networks.length > 0) await on.networks.prune({ ids: networks.map(({ id }) => id) })
})
afterAll(async () => {
  await on.close()
  await place.remove()
})

/** A web server that says its name at port 80. */
async function start(name: string, more: Partial<ContainerSpecInput> = {}): Promise<string> {
  const serve = `trap 'exit 0' TERM; mkdir -p /w; echo ${name} >/w/index.html; httpd -f -p 80 -h /w & wait`
  const spec = { name, image: testImage, command: ['/bin/sh', '-c', serve], stopTimeoutSeconds: 1, ...more }
  const { container } = await on.client.containers.create(spec)
  await on.client.containers.start({ id: container.id })
  return container.id
}

const network = async (name: string, more: object = {}) => (await on.networks.create({ name, ...more })).network
const inspect = (id: string) => on.client.containers.inspect({ id })
const pidOf = async (id: string) => (await inspect(id)).pid ?? 0
const inside = async (id: string) => ['nsenter', `--net=/proc/${await pidOf(id)}/ns/net`]
const fileOf = async (id: string, path: string) => readFile(`/proc/${await pidOf(id)}/root${path}`, 'utf8')
const placeOn = async (id: string, on: string) => {
  const found = (await inspect(id)).networks?.find(({ name }) => name === on)
  return { ipv4: found?.ipv4 ?? '', ipv6: found?.ipv6 ?? '' }
}
const portOf = async (id: string, containerPort: number) =>
  (await inspect(id)).container.ports.find((port) => port.containerPort === containerPort)?.hostPort ?? 0
const fetches = (address: string, port: number) => expect.poll(() => fetchFromHost(address, port), { timeout: 5000 })
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: unknown) => `${(error as FlotillaError).code}: ${(error as Error).message}`,
  )

/** Echoes what comes to a container at port 81 by TCP and at port 53 by UDP, until the test ends. */
async function echo(id: string): Promise<void> {
  const code = `require('net').createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(81, () => {
    const socket = require('dgram').createSocket('udp4')
    socket.on('message', (data, from) => socket.send(data, from.port, from.address)).bind(53, () => console.log('up')) })`
  const child = spawn([...(await inside(id)), process.execPath, '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  if (child.stdout !== null) await once(child.stdout, 'data', { signal: AbortSignal.timeout(10_000) })
}

/** A connection that stays open, and whether it still answers. */
async function openEcho(port: number): Promise<{ socket: Socket; answers: () => Promise<string> }> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const answers = async () => {
    socket.write('still there')
    const [data] = (await once(socket, 'data', { signal: AbortSignal.timeout(5000) })) as [Buffer]
    return data.toString()
  }
  return { socket, answers }
}

/** Binds a port as a program that asks for no SO_REUSEADDR does, which Node's own sockets have. */
async function bindable(port: number): Promise<void> {
  const code = `use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6 IPPROTO_IPV6 IPV6_V6ONLY);
    socket(my $four, AF_INET, SOCK_STREAM, 0) or die $!;
    bind($four, pack_sockaddr_in(${port}, INADDR_ANY)) or die $!;
    socket(my $six, AF_INET6, SOCK_STREAM, 0) or die $!;
    setsockopt($six, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    bind($six, pack_sockaddr_in6(${port}, inet_pton(AF_INET6, '::'))) or die $!;`
  await runOk(['perl', '-e', code])
}

/** The process that holds the ports, by its socket. */
const keeperPid = async () =>
  Number((await runOk(['pgrep', '-f', join(place.runDir, 'network', 'ports')])).stdout.toString().split('\n')[0])

describe('the ports of a running container', () => {
  it('are published and given back at once, other connections unbroken, and kept over a restart', async () => {
    const id = await start('web', { ports: [{ containerPort: 81 }] })
    await echo(id)
    const { socket, answers } = await openEcho(await portOf(id, 81))
    expect(await answers()).toBe('still there')
    const pid = await pidOf(id)
    const { container } = await on.networks.publish({ id, ports: [{ containerPort: 80 }] })
    const hostPort = container.ports.find(({ containerPort }) => containerPort === 80)?.hostPort ?? 0
    for (const address of ['127.0.0.1', '::1']) await fetches(address, hostPort).toBe('web')
    expect((await on.networks.publish({ id, ports: [{ containerPort: 80 }] })).container.ports).toEqual(container.ports)
    expect([await answers(), await pidOf(id)]).toEqual(['still there', pid])
    await on.client.containers.restart({ id })
    await echo(id)
    expect(await portOf(id, 80)).toBe(hostPort)
    await fetches('127.0.0.1', hostPort).toBe('web')
    await fetches('::1', hostPort).toBe('web')
    const again = await openEcho(await portOf(id, 81))
    await on.networks.unpublish({ id, ports: [{ containerPort: 80, hostPort }] })
    await bindable(hostPort)
    expect(await again.answers()).toBe('still there')
    expect(await fetchFromHost('127.0.0.1', hostPort)).toBe('ECONNREFUSED')
    expect((await inspect(id)).container.ports.map(({ containerPort }) => containerPort)).toEqual([81])
    for (const each of [socket, again.socket]) each.destroy()
  })

  it('are refused where another program or container has them, and nothing is changed', async () => {
    const web = await start('web', { ports: [{ containerPort: 80 }] })
    const other = await start('other')
    const hostPort = await portOf(web, 80)
    const ports = [{ containerPort: 81 }, { containerPort: 80, hostPort }]
    expect(await codeOf(on.networks.publish({ id: other, ports }))).toMatch(/^CONFLICT: TCP port .* another container/)
    const twice = [PortMapping.parse({ containerPort: 81, hostPort })]
    expect(await codeOf(on.networks.publish({ id: web, ports: twice }))).toMatch(/^CONFLICT: .* asked for twice/)
    expect((await inspect(other)).container.ports).toEqual([])
    await fetches('127.0.0.1', hostPort).toBe('web')
  })

  it('are refused at an address that nothing can be bound to, or twice at one place, by their index in what was asked', async () => {
    const id = await start('web', { ports: [{ containerPort: 81 }, { containerPort: 82 }] })
    const refusal = (ports: object[]) =>
      on.networks.publish({ id, ports: ports as PortMapping[] }).catch((error: unknown) => error)
    const there = { containerPort: 81, hostPort: await portOf(id, 81) }
    for (const hostIp of ['fe80::1', '2001:db8::1', '::ffff:192.0.2.1']) {
      const field = ['ports', 1, 'hostIp']
      expect(await refusal([there, { containerPort: 83, hostIp }])).toMatchObject({ code: 'INVALID_ARGUMENT', field })
    }
    const field = ['ports', 1, 'hostPort']
    for (const other of [84, 81]) {
      const asked = [there, { containerPort: 83, hostPort: there.hostPort }]
      const twice = [
        { containerPort: 83, hostPort: 18_083 },
        { containerPort: other, hostPort: 18_083 },
      ]
      for (const ports of [asked, twice]) expect(await refusal(ports)).toMatchObject({ code: 'CONFLICT', field })
    }
    expect((await inspect(id)).container.ports).toHaveLength(2)
  })

  it('are published at the address of IPv4 that one of IPv6 stands for', async () => {
    const id = await start('web')
    await on.networks.publish({ id, ports: [{ containerPort: 80, hostIp: '::ffff:127.0.0.1' }] })
    expect((await inspect(id)).container.ports).toMatchObject([{ containerPort: 80, hostIp: '127.0.0.1' }])
    await fetches('127.0.0.1', await portOf(id, 80)).toBe('web')
  })

  it('stay while no agent runs, and the next one changes them', async () => {
    const id = await start('web', { ports: [{ containerPort: 80 }] })
    const hostPort = await portOf(id, 80)
    await on.close()
    await fetches('127.0.0.1', hostPort).toBe('web')
    const server = createServer().listen(hostPort)
    expect(((await once(server, 'error')) as [NodeJS.ErrnoException])[0].code).toBe('EADDRINUSE')
    on = await openEngine(place)
    await fetches('::1', hostPort).toBe('web')
    await on.networks.unpublish({ id, ports: [{ containerPort: 80, hostPort }] })
    await bindable(hostPort)
  })

  it('are given back however their address is spelt', async () => {
    const id = await start('web', { ports: [{ containerPort: 80, hostIp: '::1' }, { containerPort: 81 }] })
    const hostPort = await portOf(id, 80)
    const asked = { containerPort: 80, hostPort, hostIp: '0:0:0:0:0:0:0:1' }
    expect((await on.networks.publish({ id, ports: [asked] })).container.ports).toHaveLength(2)
    const { container } = await on.networks.unpublish({ id, ports: [asked] })
    expect(container.ports.map(({ containerPort }) => containerPort)).toEqual([81])
    await bindable(hostPort)
  })

  it('are held each by itself where their holder was killed and another program took one, which is named', async () => {
    const id = await start('web', { ports: [{ containerPort: 80 }, { containerPort: 81 }, { containerPort: 82 }] })
    const [lost, first, last] = await Promise.all([portOf(id, 80), portOf(id, 81), portOf(id, 82)])
    await fetches('127.0.0.1', lost).toBe('web')
    await on.close()
    process.kill(await keeperPid(), 'SIGKILL')
    const stranger = createServer((socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end('HTTP/1.0 200 OK\r\n\r\nstranger'),
    )
    await listens(stranger, lost)
    on = await openEngine(place)
    const reason = async () => (await inspect(id)).container.stateReason
    expect(await reason()).toMatch(
      new RegExp(`^TCP port ${lost} of this host is taken by .*\\(process ${process.pid}\\)`),
    )
    for (const [port, address] of [
      [first, '0.0.0.0'],
      [first, '::'],
      [lost, '::'],
      [last, '0.0.0.0'],
    ] as const) {
      const other = createServer().listen({ port, host: address, ipv6Only: true })
      expect(((await once(other, 'error')) as [NodeJS.ErrnoException])[0].code).toBe('EADDRINUSE')
    }
    // Who calls the stranger reaches it, and by the other family the container still.
    expect(await fetchFromHost('127.0.0.1', lost)).toBe('stranger')
    expect(await fetchFromHost('::1', lost)).toBe('web')
    stranger.close()
    await once(stranger, 'close')
    await on.close()
    on = await openEngine(place)
    expect(await reason()).toBeUndefined()
    await fetches('127.0.0.1', lost).toBe('web')
  })

  it('lead nobody to it soon after their holder was killed and another program took one, and again when that one has gone', async () => {
    const id = await start('web', { ports: [{ containerPort: 80 }] })
    const port = await portOf(id, 80)
    await fetches('127.0.0.1', port).toBe('web')
    process.kill(await keeperPid(), 'SIGKILL')
    const answer = (socket: Socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end('HTTP/1.0 200 OK\r\n\r\nstranger')
    const stranger = createServer(answer)
    await listens(stranger, port)
    const soon = { timeout: 20_000, interval: 200 } // less than the look at all rules takes to come
    await expect.poll(() => fetchFromHost('127.0.0.1', port), soon).toBe('stranger')
    expect((await inspect(id)).container.stateReason).toMatch(new RegExp(`^TCP port ${port} of this host is taken`))
    stranger.close()
    await once(stranger, 'close')
    await expect.poll(() => fetchFromHost('127.0.0.1', port), { timeout: 45_000, interval: 500 }).toBe('web')
  }, 90_000)

  it('of a stopped container are for its next start', async () => {
    const id = await start('web')
    await on.client.containers.stop({ id })
    await on.networks.publish({ id, ports: [{ containerPort: 80 }] })
    await on.client.containers.start({ id })
    await fetches('127.0.0.1', await portOf(id, 80)).toBe('web')
  })

  it('of UDP answer on loopback too', async () => {
    const id = await start('web')
    await echo(id)
    const { container } = await on.networks.publish({ id, ports: [{ containerPort: 53, protocol: 'udp' }] })
    const hostPort = container.ports[0]?.hostPort ?? 0
    for (const address of ['127.0.0.1', '::1']) {
      await expect.poll(() => udpFromHost(address, hostPort), { timeout: 10_000 }).toBe('hello')
    }
  })

  it.each(isLong ? ['', '0.0.0.0'] : [''])(
    'of UDP on %j are reached by who sent to them before, at each new address',
    async (hostIp) => {
      await start('neighbour') // without which the bridge goes, and what the kernel knows of it
      const id = await start('web')
      await echo(id)
      const hostPort = 20_000 + (process.pid % 10_000)
      await on.networks.publish({ id, ports: [{ containerPort: 53, hostPort, hostIp, protocol: 'udp' }] })
      const sender = createSocket('udp4')
      let answers = 0
      sender.on('message', () => (answers += 1)).bind()
      const sending = setInterval(() => sender.send('hello', hostPort, '127.0.0.1'), 50)
      const answered = () => expect.poll(() => answers, { timeout: 5000 }).toBeGreaterThan(0)
      const address = async () => (await placeOn(id, 'bridge')).ipv4
      try {
        await answered()
        const before = await address()
        await on.client.containers.stop({ id })
        await start('quicker')
        await on.client.containers.start({ id })
        expect(await address()).not.toBe(before)
        await echo(id)
        answers = 0
        await answered()
      } finally {
        clearInterval(sending)
        sender.close()
      }
    },
  )

  it('of UDP are published by the hundred, and who sent to one of them before is led to it', async () => {
    const id = await start('many')
    await echo(id)
    const first = 31_000 + (process.pid % 1000)
    const ports = Array.from({ length: 200 }, (_, at) => ({
      ...{ containerPort: 53, hostPort: first + at, hostIp: '127.0.0.1', protocol: 'udp' as const },
    }))
    const sender = createSocket('udp4')
    let answers = 0
    sender.on('message', () => (answers += 1)).bind()
    const sending = setInterval(() => sender.send('hello', first + 150, '127.0.0.1'), 50)
    const entries = async () =>
      (await runOk(['conntrack', '-L', '-p', 'udp', '--orig-port-dst', String(first + 150)])).stdout.toString()
    try {
      await expect.poll(entries, { timeout: 5000 }).toContain('dport=')
      expect(answers).toBe(0)
      await on.networks.publish({ id, ports })
      await expect.poll(() => answers, { timeout: 5000 }).toBeGreaterThan(0)
      await on.networks.unpublish({ id, ports })
      expect((await on.client.containers.inspect({ id })).container.ports).toEqual([])
    } finally {
      clearInterval(sending)
      sender.close()
    }
  })
})

describe('the networks of a running container', () => {
  it('are joined and left at once, with names and aliases on each and not across', async () => {
    const [front, back] = [await network('front'), await network('back', { ipv6: true })]
    const web = await start('web', { networks: [{ network: 'front' }], ports: [{ containerPort: 81 }] })
    const database = await start('database', { networks: [{ network: 'back', aliases: ['db'] }] })
    await echo(web)
    const { socket, answers } = await openEcho(await portOf(web, 81))
    const gateway = (of: typeof front) => of.subnets[0]?.gateway ?? ''
    expect(await resolveIn(await inside(web), 'db', gateway(front))).toMatch(/ENOTFOUND|ETIMEOUT|EREFUSED|ESERVFAIL/)
    const address = await placeOn(database, 'back')
    expect(await fetchIn(await inside(web), address.ipv4)).toMatch(/timeout|ENETUNREACH/)

    await on.networks.connect({ id: 'back', container: 'web', aliases: ['www'] })
    await on.networks.connect({ id: back.id, container: web })
    expect(await resolveIn(await inside(web), 'db', gateway(front))).toBe(address.ipv4)
    expect(await resolveIn(await inside(web), 'database', gateway(back), 6)).toBe(address.ipv6)
    expect(await fetchIn(await inside(web), address.ipv4)).toBe('database')
    expect(await fetchIn(await inside(web), address.ipv6)).toBe('database')
    expect(await resolveIn(await inside(database), 'www', gateway(back))).toBe((await placeOn(web, 'back')).ipv4)
    expect(await fileOf(web, '/etc/hosts')).toContain(
      `${(await placeOn(web, 'back')).ipv4}\tweb`.replace('\tweb', '\t'),
    )
    expect(await fileOf(web, '/etc/resolv.conf')).toContain(gateway(back))
    expect(await answers()).toBe('still there')
    const { endpoints } = await on.networks.inspect({ id: 'back' })
    expect(endpoints.map(({ containerName, connected, aliases }) => [containerName, connected, aliases])).toEqual(
      expect.arrayContaining([
        ['web', true, ['www']],
        ['database', true, ['db']],
      ]),
    )

    await on.networks.disconnect({ id: 'back', container: web })
    await on.networks.disconnect({ id: 'back', container: web })
    expect(await fetchIn(await inside(web), address.ipv4)).toMatch(/timeout|ENETUNREACH/)
    expect(await resolveIn(await inside(database), 'web', gateway(back))).toMatch(
      /ENOTFOUND|ETIMEOUT|EREFUSED|ESERVFAIL/,
    )
    expect(await answers()).toBe('still there')
    socket.destroy()
  })

  it('are the same after a restart, with fixed addresses and the way out where it was', async () => {
    const subnet = { subnet: '10.213.7.0/24', range: '10.213.7.128/25' }
    await network('fixed', { subnets: [subnet, { subnet: 'fd12:9::/64' }], mtu: 1400 })
    const id = await start('web', { ports: [{ containerPort: 80 }] })
    await on.networks.connect({ id: 'fixed', container: id, ipv4: '10.213.7.9', ipv6: 'fd12:9::9' })
    const state = async () => ({
      place: await placeOn(id, 'fixed'),
      link: (await runOk([...(await inside(id)), 'ip', '-o', 'link', 'show', 'eth1'])).stdout.toString(),
      way: (await runOk([...(await inside(id)), 'ip', 'route', 'get', '198.51.100.1'])).stdout.toString(),
    })
    const check = async () => {
      const { place: found, link, way } = await state()
      expect(found).toEqual({ ipv4: '10.213.7.9', ipv6: 'fd12:9::9' })
      expect(link).toContain('mtu 1400')
      expect(way).toContain('dev eth0')
      await fetches('127.0.0.1', await portOf(id, 80)).toBe('web')
    }
    await check()
    await on.client.containers.restart({ id })
    await check()
    const free = await start('free', { networks: [{ network: 'fixed' }] })
    expect((await placeOn(free, 'fixed')).ipv4).toMatch(/^10\.213\.7\.(12[89]|1[3-9]\d|2\d\d)$/)
    // Its ports follow the container to the network that is left.
    await on.networks.disconnect({ id: 'bridge', container: id })
    await fetches('127.0.0.1', await portOf(id, 80)).toBe('web')
    await fetches('::1', await portOf(id, 80)).toBe('web')
    expect(await codeOf(on.networks.disconnect({ id: 'fixed', container: id }))).toMatch(
      /^CONFLICT: web would be on no/,
    )
  })

  it('keep a fixed address for a container that is stopped, or was not started yet', async () => {
    await network('fixed', { subnets: [{ subnet: '10.215.0.0/24' }] })
    const fixed = await start('web', { networks: [{ network: 'fixed', ipv4: '10.215.0.2' }] })
    await on.client.containers.stop({ id: fixed })
    const networks = [{ network: 'fixed', ipv4: '10.215.0.3' }]
    const { container } = await on.client.containers.create({ name: 'new', image: testImage, networks })
    const free = await start('free', { networks: [{ network: 'fixed' }] })
    expect((await placeOn(free, 'fixed')).ipv4).toBe('10.215.0.4')
    for (const id of [fixed, container.id]) await on.client.containers.start({ id })
    expect((await placeOn(fixed, 'fixed')).ipv4).toBe('10.215.0.2')
  })

  it('refuse what cannot be, and name who uses a network that is to go', async () => {
    const { id } = await network('one', { subnets: [{ subnet: '10.214.0.0/24' }] })
    const one = { id: 'one', container: await start('web') }
    expect(await codeOf(network('one'))).toMatch(/^CONFLICT: There is a network one/)
    const overlap = { kind: 'network.overlaps', field: ['subnets', 0, 'subnet'], objects: [{ kind: 'network', id }] }
    await expect(network('two', { subnets: [{ subnet: '10.214.0.128/25' }] })).rejects.toMatchObject(overlap)
    expect(await codeOf(on.networks.connect({ ...one, ipv4: '10.1.1.1' }))).toMatch(/^INVALID_ARGUMENT/)
    await on.networks.connect({ ...one, ipv4: '10.214.0.5' })
    const used = { id: 'one', container: await start('other'), ipv4: '10.214.0.5' }
    expect(await codeOf(on.networks.connect(used))).toMatch(/^CONFLICT: .* is taken by another container/)
    expect((await inspect(used.container)).networks?.map(({ name }) => name)).toEqual(['bridge'])
    expect(await codeOf(on.networks.remove({ id: 'one' }))).toMatch(
      /^CONFLICT: The network one is used by containers \(1\)/,
    )
    await on.client.containers.stop({ id: one.container })
    expect(await codeOf(on.networks.remove({ id: 'one' }))).toMatch(
      /^CONFLICT: The network one is used by containers \(1\)/,
    )
    expect(await codeOf(on.networks.remove({ id: 'bridge' }))).toMatch(/^CONFLICT/)
    expect((await on.networks.prunePreview({})).networks).toEqual([])
    await on.networks.disconnect(one)
    const preview = await on.networks.prunePreview({})
    expect(preview.networks.map(({ name }) => name)).toEqual(['one'])
    const ids = preview.networks.map(({ id }) => id)
    expect(await on.networks.prune({ ids })).toEqual({ removed: ids, retained: [] })
    expect((await on.networks.list({})).map(({ name }) => name)).toEqual(['bridge'])
  })

  it('are kept by the next agent, the same operation making one network only', async () => {
    const made = await on.networks.create({ name: 'once', labels: { a: 'b' }, dns: false }, { operationId: 'op-1' })
    const again = await on.networks.create({ name: 'once', labels: { a: 'b' }, dns: false }, { operationId: 'op-1' })
    expect(again).toEqual(made)
    await on.close()
    on = await openEngine(place)
    expect((await on.networks.inspect({ id: 'once' })).network).toEqual(made.network)
    expect(made.network).toMatchObject({ dns: false, labels: { a: 'b' }, isDefault: false, internal: false })
  })
})

describe('a network that is removed', () => {
  const rounds = isLong ? 20 : 6
  const sleeper = { image: testImage, command: ['sleep', '60'] }

  it('is not removed while a container comes onto it, and no container comes onto one that is gone', async () => {
    const { containers } = on.client
    const code = async (work: Promise<unknown>) => (await codeOf(work)).split(':')[0]
    for (let round = 0; round < rounds; round += 1) {
      const [one, other] = [await network(`born-${round}`), await network(`joined-${round}`)]
      const { container } = await containers.create(sleeper)
      const born = containers.create({ ...sleeper, name: `born-${round}`, networks: [{ network: one.id }] })
      const joined = on.networks.connect({ id: other.id, container: container.id })
      const answers = await Promise.all([born, on.networks.remove({ id: one.id })].map(code))
      const connects = await Promise.all([joined, on.networks.prune({ ids: [other.id] })].map(code))
      const left = new Set((await on.networks.list({})).map(({ id }) => id))
      expect(answers).toEqual(left.has(one.id) ? ['no error', 'CONFLICT'] : ['NOT_FOUND', 'no error'])
      expect(connects[0]).toBe(left.has(other.id) ? 'no error' : 'NOT_FOUND')
    }
    for (const { id } of (await containers.list({})).slice(0, 5)) await containers.start({ id })
  }, 60_000)

  it('can be taken from a container whose record an earlier agent left with it', async () => {
    const gone = await network('gone')
    const { container } = await on.client.containers.create({ ...sleeper, networks: [{ network: gone.id }] })
    await on.close()
    await rm(join(place.dataDir, 'network', 'networks', `${gone.id}.json`))
    on = await openEngine(place)
    expect(await codeOf(on.client.containers.start({ id: container.id }))).toMatch(/^NOT_FOUND: There is no network/)
    const { networks } = await inspect(container.id)
    for (const id of [networks?.[0]?.name ?? '', gone.id]) await on.networks.disconnect({ id, container: container.id })
    expect((await inspect(container.id)).networks).toEqual([])
    await on.networks.connect({ id: 'bridge', container: container.id })
    await on.client.containers.start({ id: container.id })
  })
})

/** Takes a port; whoever held it may be ending just now. */
async function listens(server: Server, port: number): Promise<void> {
  const attempt = () => {
    server.listen({ port, host: '0.0.0.0' })
    return Promise.race([once(server, 'listening').then(() => 'up'), once(server, 'error').then(() => 'taken')])
  }
  await expect.poll(attempt).toBe('up')
}
