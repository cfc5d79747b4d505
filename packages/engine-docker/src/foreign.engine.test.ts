import { systemScope } from '@flotilla/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeTestDaemon, type TestDaemon, testImage } from '@flotilla/testkit/docker-daemon'
import { type Opened, openEngine } from './testing/engine-fixture.ts'

const scope = { scope: systemScope }
let daemon: TestDaemon
let opened: Opened

beforeAll(async () => {
  daemon = await makeTestDaemon()
  opened = await openEngine(daemon.socketPath)
})
afterAll(async () => {
  await opened.engine.close()
  await daemon.remove()
})

it('has containers that the docker command made, and takes them to their end', async () => {
  const { containers } = opened.client
  await daemon.cli('run', '--detach', '--name', 'foreign', '--label', 'made=by-hand', testImage, 'sleep', '600')
  const row = (await containers.list({}, scope)).find(({ name }) => name === 'foreign')
  expect(row).toMatchObject({ state: 'running', createdByFlotilla: false, labels: { made: 'by-hand' } })
  const { id = '' } = row ?? {}
  expect(await containers.inspect({ id: 'foreign' }, scope)).toMatchObject({
    container: { id },
    limits: { pids: null },
  })
  expect((await containers.stop({ id, timeoutSeconds: 0 }, scope)).container).toMatchObject({ state: 'exited' })
  await containers.remove({ id }, scope)
  expect(await daemon.cli('ps', '--all', '--quiet', '--filter', 'name=foreign')).toBe('')
})

it('has a container that never started on the network that the docker command named, however it did', async () => {
  const { containers, networks } = opened.client
  const network = await daemon.cli('network', 'create', 'planned')
  for (const [at, ref] of ['planned', network, network.slice(0, 12)].entries()) {
    await daemon.cli('create', '--name', `waits-${at}`, '--network', ref, testImage, 'sleep', '600')
  }
  await daemon.cli('create', '--name', 'usual', testImage)
  const rows = await containers.list({}, scope)
  const of = (name: string) => rows.find((row) => row.name === name)?.networks
  const own = (await networks.list({}, scope)).find(({ isDefault }) => isDefault)
  const names = ['waits-0', 'waits-1', 'waits-2']
  expect([...names, 'usual'].map(of)).toEqual([...names.map(() => [network]), [own?.id]])
  const { endpoints } = await networks.inspect({ id: network }, scope)
  expect(endpoints.map(({ containerName }) => containerName).sort()).toEqual(names)
  const refusal = networks.remove({ id: network }, scope)
  await expect(refusal).rejects.toMatchObject({ kind: 'network.inUse', params: { count: 3 } })
  await daemon.cli('rm', ...names, 'usual')
  await networks.remove({ id: network }, scope)
})

it('says of a container with no log that it has none', async () => {
  const { containers } = opened.client
  const driver = [
    '--log-driver',
    'syslog',
    '--log-opt',
    'syslog-address=udp://127.0.0.1:5140',
    '--log-opt',
    'cache-disabled=true',
  ]
  await daemon.cli('create', '--name', 'none', '--log-driver', 'none', testImage)
  await daemon.cli('run', '--name', 'away', ...driver, testImage, 'echo', 'gone')
  await daemon.cli('create', '--name', 'usual', testImage)
  const reason = expect.stringContaining('log driver') as string
  for (const id of ['none', 'away']) {
    const { container } = await containers.inspect({ id }, scope)
    expect(container.limitations).toEqual({ 'containers.logs': reason })
    const logs = containers.logs({ id }, scope)[Symbol.asyncIterator]()
    await expect(logs.next()).rejects.toMatchObject({ code: 'UNSUPPORTED', message: reason })
  }
  expect((await containers.inspect({ id: 'usual' }, scope)).container).not.toHaveProperty('limitations')
  await daemon.cli('rm', 'none', 'away', 'usual')
})

it('names the container that holds a port beside the refusal, of the same protocol alone', async () => {
  const { containers } = opened.client
  await daemon.cli('run', '--detach', '--name', 'holder', '--publish', '41080:80', testImage, 'sleep', '600')
  await daemon.cli('run', '--detach', '--name', 'other', '--publish', '41080:80/udp', testImage, 'sleep', '600')
  const [holder, other] = (await daemon.cli('inspect', '--format', '{{.Id}}', 'holder', 'other')).trim().split('\n')
  const wanting = async (protocol: 'tcp' | 'udp', hostPort = 41080) => {
    const ports = [{ containerPort: 80, hostPort, protocol }]
    const { id } = (await containers.create({ image: testImage, command: ['sleep', '600'], ports }, scope)).container
    const refused = await containers.start({ id }, scope).catch((error: unknown) => error)
    await containers.remove({ id, force: true }, scope)
    return refused
  }
  for (const [protocol, id] of [['tcp', holder] as const, ['udp', other] as const]) {
    expect(await wanting(protocol)).toMatchObject({
      ...{ code: 'CONFLICT', kind: 'port.takenByContainer', objects: [{ kind: 'container', id }], field: ['ports'] },
      message: expect.stringContaining(`${protocol.toUpperCase()} port 41080`) as string,
    })
  }
  await daemon.cli('rm', '--force', 'holder', 'other')
})

// `overlay` wants a swarm, which the daemon of a test never has.
it.each(['host', 'overlay'])('says that it makes no network with the driver %s', async (driver) => {
  const refused = opened.client.networks.create({ name: `by-${driver}`, driver }, scope)
  const kind = 'docker.noNetworkDriver'
  await expect(refused).rejects.toMatchObject({ code: 'UNSUPPORTED', kind, field: ['driver'] })
})

it('leaves no container that could not be put on all of its networks', async () => {
  const { containers } = opened.client
  for (const name of ['first', 'second']) await daemon.cli('network', 'create', name)
  const subnet = await daemon.cli('network', 'inspect', 'second', '--format', '{{(index .IPAM.Config 0).Subnet}}')
  // Docker gives fixed addresses of subnets alone that people chose, and says so when the container is there.
  const networks = [{ network: 'first' }, { network: 'second', ipv4: subnet.trim().replace(/\.0\/\d+$/, '.77') }]
  const spec = { name: 'half', image: testImage, networks, mounts: [{ type: 'volume' as const, target: '/own' }] }
  const volumes = () => daemon.cli('volume', 'ls', '--quiet')
  const before = await volumes()
  await expect(containers.create(spec, scope)).rejects.toMatchObject({
    ...{ code: 'INVALID_ARGUMENT', field: ['networks', 1] },
    message: expect.stringContaining('user configured subnets') as string,
  })
  expect(await daemon.cli('ps', '--all', '--quiet', '--filter', 'name=half')).toBe('')
  expect(await volumes()).toBe(before)
  const { id } = (await containers.create({ ...spec, networks: [{ network: 'second' }, { network: 'first' }] }, scope))
    .container
  const detail = await containers.inspect({ id }, scope)
  expect(detail.networks?.map(({ name }) => name).sort()).toEqual(['first', 'second'])
  await containers.remove({ id, volumes: true }, scope)
  await daemon.cli('network', 'rm', 'first', 'second')
})

it('takes no id that leads elsewhere', async () => {
  for (const id of ['../images/json', 'x/../../version', 'foreign?force=1', '..']) {
    await expect(opened.client.containers.inspect({ id }, scope)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  }
})

it('tells a reader that dawdles of containers that are long gone, each event with no older state', async () => {
  const leave = new AbortController()
  const watch = opened.client.events.watch({}, { ...scope, signal: leave.signal })[Symbol.asyncIterator]()
  const first = watch.next()
  const names = ['one', 'two', 'three']
  await daemon.cli('create', '--name', 'bell', testImage) // the watch was opened before this call
  await first
  const runs = names.map((name) => daemon.cli('run', '--rm', '--name', name, testImage, 'sh', '-c', 'exit 0'))
  await Promise.all(runs)
  await daemon.cli('rm', 'bell')
  const states = new Map<string, string[]>()
  for (let step = await watch.next(); step.done !== true; step = await watch.next()) {
    const { value } = step
    if (value.kind !== 'container') continue
    if (value.row?.name === 'bell' || value.row === null) {
      if (value.action === 'destroy' && !states.has(value.id)) break
      continue
    }
    if (!['create', 'start', 'die'].includes(value.action)) continue
    states.set(value.id, [...(states.get(value.id) ?? []), `${value.action} ${value.row?.state}`])
  }
  leave.abort()
  const whole = ['create created', 'start running', 'die exited']
  expect([...states.values()]).toEqual(names.map(() => whole))
})

it('says when its daemon goes, and works with it when it is back', async () => {
  const { engine, client } = opened
  const leave = new AbortController()
  const options = { ...scope, signal: leave.signal }
  const gone = client.events.watch({}, options)[Symbol.asyncIterator]().next()
  await daemon.cli('images') // the watch was opened before this call
  await daemon.stop()
  await expect(client.containers.list({}, scope)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  await gone.catch(() => {})
  await expect.poll(() => engine.identity().state, { timeout: 15_000 }).toBe('unavailable')
  const back = client.events.watch({}, options)[Symbol.asyncIterator]().next()
  await daemon.start()
  await back
  expect(engine.identity()).toMatchObject({ state: 'ready' })
  expect(await client.containers.list({}, scope)).toEqual([])
  leave.abort()
})

it('is there again after a restart that was over before anybody watched', async () => {
  const { engine, client } = opened
  const gone = client.events.watch({}, scope)[Symbol.asyncIterator]().next()
  await daemon.cli('images') // the watch was opened before this call
  await daemon.stop()
  await gone
  expect(engine.identity().state).toBe('unavailable')
  await daemon.start()
  expect(await client.events.watch({}, scope)[Symbol.asyncIterator]().next()).toMatchObject({ done: true })
  expect(engine.identity().state).toBe('ready')
})

it('takes a container from a network that was removed while it was stopped', async () => {
  const { networks, containers } = opened.client
  for (const by of ['name', 'id'] as const) {
    const { network } = await networks.create({ name: `gone-by-${by}` }, scope)
    const spec = { image: testImage, command: ['sleep', '600'], pull: 'never' as const }
    const { container } = await containers.create({ ...spec, networks: [{ network: network.id }] }, scope)
    const { id } = container
    await containers.start({ id }, scope)
    await containers.stop({ id, timeoutSeconds: 0 }, scope)
    await daemon.cli('network', 'rm', network.name)
    await expect(containers.start({ id }, scope)).rejects.toThrow()
    for (const ref of [network[by], network.id]) await networks.disconnect({ id: ref, container: id }, scope)
    await networks.connect({ id: 'bridge', container: id }, scope)
    await containers.start({ id }, scope)
    await containers.remove({ id, force: true }, scope)
  }
  await expect(networks.disconnect({ id: 'never', container: 'nobody' }, scope)).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
})
