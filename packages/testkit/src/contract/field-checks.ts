import type {
  Container,
  ContainerDetail,
  Image,
  ImageDetail,
  Network,
  NetworkDetail,
  NetworkEndpoint,
  Node,
  NodeDetail,
  Subnet,
  Volume,
  VolumeDetail,
  VolumeSize,
  VolumeUser,
} from '@flotilla/protocol'
import { expect } from 'vitest'

/** What each field means, said of a known object: an assertion for each, so that none can be added without one. */
export type Checks<T, World> = { [Name in keyof T]-?: (value: T[Name], world: World) => void }

/** What a container has that asks for no other, in the kernel's order. */
export const usualCapabilities = [
  ...[
    'CHOWN',
    'DAC_OVERRIDE',
    'FOWNER',
    'FSETID',
    'KILL',
    'SETGID',
    'SETUID',
    'SETPCAP',
    'NET_BIND_SERVICE',
    'NET_RAW',
  ],
  ...['SYS_CHROOT', 'MKNOD', 'AUDIT_WRITE', 'SETFCAP'],
].map((name) => `CAP_${name}`)

/** A container that runs, and what it was asked to be. */
export interface ContainerWorld {
  since: number
  asked: { name: string; script: string; image: string; labels: Record<string, string>; memoryBytes: number }
  row: Container
  detail: ContainerDetail
  image: ImageDetail
  volume: Volume
  /** Of an engine that spans machines; empty of any other. */
  nodes: readonly Node[]
}

const isNow = (time: string | null, since: number) => {
  expect(Date.parse(time ?? '')).toBeGreaterThan(since - 30_000) // clocks of hosts differ
  expect(Date.parse(time ?? '')).toBeLessThan(Date.now() + 30_000)
}
const isDocument = (native: Record<string, unknown>) => expect(Object.keys(native)).not.toEqual([])

export const containerRow: Checks<Container, ContainerWorld> = {
  id: (id) => expect(id).toMatch(/^[0-9a-f]{64}$/),
  engine: (engine, { image }) => expect(engine).toBe(image.image.engine),
  name: (name, { asked }) => expect(name).toBe(asked.name),
  image: (image, { asked }) => expect(image).toBe(asked.image),
  imageId: (id, { image }) => expect(id).toBe(image.image.id),
  command: (command, { asked }) => expect(command).toEqual(['/bin/sh', '-c', asked.script]),
  state: (state) => expect(state).toBe('running'),
  stateReason: (reason) => expect(reason).toBeUndefined(),
  stateReasonFacts: (facts) => expect(facts).toBeUndefined(),
  exitCode: (code) => expect(code).toBeNull(),
  oomKilled: (killed) => expect(killed).toBe(false),
  createdAt: (time, { since }) => isNow(time, since),
  startedAt: (time, { row }) => expect(Date.parse(time ?? '')).toBeGreaterThanOrEqual(Date.parse(row.createdAt)),
  finishedAt: (time) => expect(time).toBeNull(),
  restartCount: (count) => expect(count).toBe(0),
  ports: (ports) => {
    expect(ports).toMatchObject([{ containerPort: 8080, hostIp: '', protocol: 'tcp' }])
    expect(ports[0]?.hostPort).toBeGreaterThan(0)
  },
  ipAddress: (address, { detail }) => expect(address).toBe(detail.networks?.[0]?.ipv4),
  network: (network) => expect(network).toBe('bridge'),
  labels: (labels, { asked }) => expect(labels).toMatchObject(asked.labels),
  tty: (tty) => expect(tty).toBe(true),
  memoryLimitBytes: (bytes, { asked }) => expect(bytes).toBe(asked.memoryBytes),
  storageLimitBytes: (bytes) => expect(bytes).toBeUndefined(),
  createdByFlotilla: (ours) => expect(ours).toBe(true),
  limitations: (limitations) => expect(limitations).toBeUndefined(),
  volumes: (volumes, { volume }) => expect(volumes).toEqual([volume.id]),
  networks: (networks, { detail }) => expect(networks).toEqual(detail.networks?.map(({ id }) => id)),
  node: (node, { nodes }) => {
    if (nodes.length > 0) expect(nodes.map(({ name }) => name)).toContain(node)
    else expect(node).toBeUndefined()
  },
  namespace: (namespace, { nodes }) => expect(namespace === undefined).toBe(nodes.length === 0),
  owner: (owner) => expect(owner).toBeUndefined(), // it was made for itself
}

export const containerDetail: Checks<Omit<ContainerDetail, 'container'>, ContainerWorld> = {
  pid: (pid) => expect(pid).toBeGreaterThan(0),
  entrypoint: (entrypoint, { image }) => expect(entrypoint).toEqual(image.entrypoint),
  env: (env) => expect(env).toContain('FOO=b a r'),
  user: (user) => expect(user).toBe('1234:1234'),
  workingDir: (folder) => expect(folder).toBe('/tmp'),
  hostname: (name) => expect(name).toBe('contract'),
  mounts: (mounts, { volume }) =>
    expect(mounts).toEqual([{ type: 'volume', source: volume.name, target: '/data', readOnly: true }]),
  networks: (networks) => expect(networks).toMatchObject([{ name: 'bridge', ipv6: null, aliases: [] }]),
  restart: (restart) => expect(restart).toEqual({ policy: 'on-failure', maximumRetries: 3 }),
  limits: (limits, { asked }) =>
    expect(limits).toEqual({ memoryBytes: asked.memoryBytes, cpus: 0.5, pids: 50, storageBytes: null }),
  capabilities: (names) => expect(names).toEqual(usualCapabilities.filter((name) => name !== 'CAP_CHOWN')),
  readOnlyRoot: (readOnly) => expect(readOnly).toBe(true),
  privileged: (privileged) => expect(privileged).toBe(false),
  reachesHost: (reasons) => expect(reasons).toEqual([]),
  seccomp: (profile) => expect(profile).toBe('default'),
  stopSignal: (signal) => expect(signal.replace(/^SIG/, '')).toBe('USR1'),
  stopTimeoutSeconds: (seconds) => expect(seconds).toBe(7),
  runtime: (runtime) => expect(runtime).not.toBe(''),
  logPath: (path) => expect(path ?? '/').toMatch(/^\//),
  native: isDocument,
}

/** An image, and a container that was made of it with nothing asked. */
export interface ImageWorld {
  reference: string
  detail: ImageDetail
  plain: ContainerDetail
}

export const imageRow: Checks<Image, ImageWorld> = {
  id: (id) => expect(id).toMatch(/^sha256:[0-9a-f]{64}$/),
  engine: (engine, { plain }) => expect(engine).toBe(plain.container.engine),
  references: (references, { reference }) => expect(references).toContain(reference),
  digests: (digests) => expect(digests.filter((digest) => !/@sha256:[0-9a-f]{64}$/.test(digest))).toEqual([]),
  createdAt: (time) => expect(time === null || Date.parse(time) < Date.now()).toBe(true),
  sizeBytes: (bytes) => expect(bytes).toBeGreaterThan(0),
  architecture: (name) => expect(name).toMatch(/^(amd64|arm64)$/),
  os: (os) => expect(os).toBe('linux'),
  layers: (count, { detail }) => expect(count).toBe(detail.layers.length),
  usedBy: (ids, { plain }) => expect(ids).toContain(plain.container.id),
}

export const imageDetail: Checks<Omit<ImageDetail, 'image'>, ImageWorld> = {
  command: (command, { detail, plain }) => expect(plain.container.command).toEqual([...detail.entrypoint, ...command]),
  entrypoint: (entrypoint, { plain }) => expect(plain.entrypoint).toEqual(entrypoint),
  env: (env, { plain }) => expect(plain.env).toEqual(expect.arrayContaining(env)),
  user: (user, { plain }) => expect(plain.user).toBe(user),
  workingDir: (folder, { plain }) => expect(plain.workingDir).toBe(folder === '' ? '/' : folder),
  exposedPorts: (ports) => expect(ports.filter((port) => !/^\d+(-\d+)?\/(tcp|udp|sctp)$/.test(port))).toEqual([]),
  labels: (labels) => expect(Object.values(labels).every((label) => typeof label === 'string')).toBe(true),
  stopSignal: (signal, { plain }) =>
    expect(plain.stopSignal.replace(/^SIG/, '')).toBe((signal ?? 'TERM').replace(/^SIG/, '')),
  layers: (layers) => {
    expect(layers.length).toBeGreaterThan(0)
    for (const { digest, diffId, sizeBytes, createdBy } of layers) {
      expect([digest ?? diffId, diffId].every((one) => /^sha256:[0-9a-f]{64}$/.test(one))).toBe(true)
      expect(sizeBytes ?? 0).toBeGreaterThanOrEqual(0)
      expect(createdBy).not.toBe('')
    }
  },
  native: isDocument,
}

/** A volume that a container mounts to read, and a network that it is on; both were made with labels. */
export interface HeldWorld {
  since: number
  name: string
  labels: Record<string, string>
  user: Container
}

/** The same, and what it was measured to be; undefined where the engine measures none. */
export interface VolumeWorld extends HeldWorld {
  size: VolumeSize | undefined
}

export const volumeRow: Checks<Volume, VolumeWorld> = {
  id: (id) => expect(id).not.toBe(''),
  engine: (engine, { user }) => expect(engine).toBe(user.engine),
  name: (name, world) => expect(name).toBe(world.name),
  labels: (labels, world) => expect(labels).toEqual(world.labels),
  driver: (driver) => expect(driver).toBe('local'),
  createdAt: (time, { since }) => isNow(time, since),
  sizeLimitBytes: (bytes) => expect(bytes).toBeNull(),
  anonymous: (anonymous) => expect(anonymous).toBe(false),
  createdByFlotilla: (ours) => expect(ours).toBe(true),
  mountpoint: (path) => expect(path).toMatch(/^\/./),
  size: (size, world) => expect(size).toEqual(world.size),
}

const volumeUser: Checks<VolumeUser, VolumeWorld> = {
  id: (id, { user }) => expect(id).toBe(user.id),
  name: (name, { user }) => expect(name).toBe(user.name),
  state: (state) => expect(state).toBe('running'),
  target: (target) => expect(target).toBe('/data'),
  readOnly: (readOnly) => expect(readOnly).toBe(true),
  subPath: (path) => expect(path).toBeNull(),
}

export const volumeDetail: Checks<Omit<VolumeDetail, 'volume'>, VolumeWorld> = {
  usedBy: (users, world) => checkOnly(users, volumeUser, world),
  size: (size, world) => expect(size).toEqual(world.size ?? null),
  native: isDocument,
}

/** The same of a network with a subnet of its own that was asked for, and a container on it. */
export interface NetworkWorld extends HeldWorld {
  asked: Subnet
}

const networkSubnet: Checks<Subnet, NetworkWorld> = {
  subnet: (subnet, { asked }) => expect(subnet).toBe(asked.subnet),
  gateway: (gateway, { asked }) => expect(gateway).toBe(asked.gateway),
  range: (range, { asked }) => expect(range).toBe(asked.range),
}

export const networkRow: Checks<Network, NetworkWorld> = {
  id: (id) => expect(id).toMatch(/^[0-9a-f]{64}$/),
  engine: (engine, { user }) => expect(engine).toBe(user.engine),
  name: (name, world) => expect(name).toBe(world.name),
  driver: (driver) => expect(driver).toBe('bridge'),
  labels: (labels, world) => expect(labels).toEqual(world.labels),
  internal: (internal) => expect(internal).toBe(true),
  subnets: (subnets, world) => checkOnly(subnets, networkSubnet, world),
  mtu: (mtu) => expect(mtu).toBe(1380),
  dns: (dns) => expect(dns).toBe(true),
  createdAt: (time, { since }) => isNow(time, since),
  createdByFlotilla: (ours) => expect(ours).toBe(true),
  isDefault: (isDefault) => expect(isDefault).toBe(false),
}

const networkEndpoint: Checks<NetworkEndpoint, NetworkWorld> = {
  containerId: (id, { user }) => expect(id).toBe(user.id),
  containerName: (name, { user }) => expect(name).toBe(user.name),
  connected: (connected) => expect(connected).toBe(true),
  // An engine tells the link's name, or its address, or both.
  interfaceName: (name) => expect(name ?? 'eth0').toMatch(/^[a-z]+\d+$/),
  macAddress: (address) => expect(address ?? '02:00:00:00:00:00').toMatch(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/),
  ipv4: (address, { asked }) => expect(address?.split('.').slice(0, 3)).toEqual(asked.subnet.split('.').slice(0, 3)),
  ipv6: (address) => expect(address).toBeNull(),
  aliases: (aliases) => expect(aliases).toEqual(['shop']),
}

export const networkDetail: Checks<Omit<NetworkDetail, 'network'>, NetworkWorld> = {
  endpoints: (endpoints, world) => {
    checkOnly(endpoints, networkEndpoint, world)
    const [{ interfaceName, macAddress } = { interfaceName: null, macAddress: null }] = endpoints
    expect(`${interfaceName ?? ''}${macAddress ?? ''}`).not.toBe('') // one of both is told
  },
  native: isDocument,
}

/** A node that a container of the same engine is on. */
export interface NodeWorld {
  detail: NodeDetail
  user: Container
}

export const nodeRow: Checks<Node, NodeWorld> = {
  id: (id) => expect(id).not.toBe(''),
  engine: (engine, { user }) => expect(engine).toBe(user.engine),
  name: (name, { user }) => expect(name).toBe(user.node),
  state: (state) => expect(state).toBe('ready'),
  stateReason: (reason) => expect(reason).toBeUndefined(),
  schedulable: (schedulable) => expect(schedulable).toBe(true),
  roles: (roles) => expect(roles).not.toContain(''),
  addresses: (addresses) => expect(addresses.map(({ address }) => address)).not.toContain(''),
  hostname: (hostname) => expect(hostname).not.toBe(''),
  version: (version) => expect(version).not.toBe(''),
  capacity: ({ cpus, memoryBytes, containers }) => {
    for (const amount of [cpus, memoryBytes, containers]) expect(amount ?? 1).toBeGreaterThan(0)
  },
  createdAt: (time) => expect(time === null || Date.parse(time) < Date.now()).toBe(true),
  labels: (labels) => expect(Object.values(labels).every((label) => typeof label === 'string')).toBe(true),
}

export const nodeDetail: Checks<Omit<NodeDetail, 'node'>, NodeWorld> = { native: isDocument }

/** A list of exactly one, each field of which is checked. */
function checkOnly<T extends object, World>(items: readonly T[], checks: Checks<T, World>, world: World): void {
  const [only, ...more] = items
  expect(more).toEqual([])
  if (only === undefined) throw new Error('There is none.')
  checkFields(only, checks, world)
}

/** What stands in lists of rows and details, by the field that holds it: every field of those, too. */
export const partChecks: Readonly<Record<string, object>> = {
  'volume.usedBy': volumeUser,
  'network.subnets': networkSubnet,
  'network.endpoints': networkEndpoint,
}

/** By kind: every noun that hosts hold stands here, with every field of its row and of its detail. */
export const fieldChecks: Readonly<Record<string, { row: object; detail: object }>> = {
  container: { row: containerRow, detail: containerDetail },
  image: { row: imageRow, detail: imageDetail },
  volume: { row: volumeRow, detail: volumeDetail },
  network: { row: networkRow, detail: networkDetail },
  node: { row: nodeRow, detail: nodeDetail },
}

/** Holds each field of an object against its check; the failure names the field. */
export function checkFields<T extends object, World>(value: T, checks: Checks<T, World>, world: World): void {
  for (const name of Object.keys(checks) as (keyof T)[]) {
    try {
      checks[name](value[name], world)
    } catch (error) {
      throw new Error(`The field ${String(name)} is ${JSON.stringify(value[name])}.`, { cause: error })
    }
  }
}
