import { capabilityNames, defaultCapabilities } from '@flotilla/oci'
import { expect, it } from 'vitest'
import { ContainerAnswer } from '../docker-answers.ts'
import { noReadableLog } from '../logs/log-driver.ts'
import { endedAnswer, runningAnswer } from '../testing/captured-container.ts'
import { operationLabel, toContainer, toContainerDetail } from './container-map.ts'

const answerOf = (native: object, change: { host?: object; state?: object; config?: object } = {}) => {
  const answer = structuredClone(native) as typeof runningAnswer
  return ContainerAnswer.parse({
    ...answer,
    HostConfig: { ...answer.HostConfig, ...change.host },
    State: { ...answer.State, ...change.state },
    Config: { ...answer.Config, ...change.config },
  })
}
const rowOf = (...args: Parameters<typeof answerOf>) => toContainer('docker', answerOf(...args))

it('shows a running container: its command, real ports, address and limit', () => {
  expect(rowOf(runningAnswer)).toEqual({
    id: runningAnswer.Id,
    engine: 'docker',
    name: 'rich',
    image: 'flotilla.local/starter:latest',
    imageId: runningAnswer.Image,
    command: ['sleep', '600'],
    state: 'running',
    exitCode: null,
    oomKilled: false,
    createdAt: '2026-11-24T14:25:03.081Z',
    startedAt: '2026-11-24T14:25:04.145Z',
    finishedAt: null,
    restartCount: 0,
    ports: [
      { containerPort: 80, hostPort: 8081, hostIp: '127.0.0.1', protocol: 'tcp' },
      { containerPort: 81, hostPort: 8082, hostIp: '', protocol: 'udp' },
    ],
    ipAddress: '172.17.0.2',
    network: 'bridge',
    labels: { 'api-token': 'hunter2', team: 'shop' },
    tty: false,
    memoryLimitBytes: 64 << 20,
    createdByFlotilla: false,
    volumes: ['vol2'],
  })
})

it.each([
  ['67108864', 67_108_864],
  ['10G', 10 * 1024 ** 3],
  ['1.5 GiB', 1.5 * 1024 ** 3],
  ['some', undefined],
])('shows a storage limit of %s', (size, bytes) => {
  expect(rowOf(runningAnswer, { host: { StorageOpt: { size } } }).storageLimitBytes).toBe(bytes)
})

it('shows the one address that a port is published on, in one spelling', () => {
  const ports = {
    '80/tcp': [
      { HostIp: '0:0::1', HostPort: '8081' },
      { HostIp: '::ffff:127.0.0.1', HostPort: '8082' },
    ],
  }
  const row = toContainer(
    'docker',
    ContainerAnswer.parse({ ...runningAnswer, NetworkSettings: { ...runningAnswer.NetworkSettings, Ports: ports } }),
  )
  expect(row.ports.map(({ hostIp }) => hostIp)).toEqual(['::1', '127.0.0.1'])
})

it('shows an ended one: its code, its end and the ports that it asked for', () => {
  expect(rowOf(endedAnswer)).toMatchObject({
    ...{ state: 'exited', exitCode: 137, finishedAt: '2026-11-24T14:25:04.243Z' },
    ports: [{ hostPort: 8081 }, { hostPort: 8082 }],
  })
  expect(rowOf(endedAnswer)).not.toHaveProperty('ipAddress')
  expect(rowOf(endedAnswer, { state: { OOMKilled: true } }).stateReason).toBe(
    'Killed by its own 64 MiB limit of memory.',
  )
  expect(rowOf(endedAnswer, { state: { Status: 'dead' } })).toMatchObject({ state: 'exited', exitCode: 137 })
  expect(rowOf(endedAnswer, { state: { Status: 'new-in-docker-99' } })).toMatchObject({
    ...{ state: 'unknown', exitCode: null },
  })
})

it('knows what Flotilla made by its label, which is not shown', () => {
  const row = rowOf(runningAnswer, { config: { Labels: { team: 'shop', [operationLabel]: 'op-1' } } })
  expect(row).toMatchObject({ createdByFlotilla: true, labels: { team: 'shop' } })
  expect(row.labels).not.toHaveProperty(operationLabel)
})

it('says of a container whose log cannot be read that it cannot', () => {
  const limitations = (LogConfig: object) => rowOf(runningAnswer, { host: { LogConfig } }).limitations
  expect(limitations({ Type: 'none', Config: {} })).toEqual({ 'containers.logs': noReadableLog })
  expect(limitations({ Type: 'syslog', Config: { 'cache-disabled': 'true' } })).toBeDefined()
  expect(limitations({ Type: 'syslog', Config: { 'cache-disabled': 'false' } })).toBeUndefined()
  expect(limitations({ Type: 'json-file', Config: { 'cache-disabled': 'true' } })).toBeUndefined()
  expect(limitations({ Type: 'local', Config: null })).toBeUndefined()
})

it('shows all of one, and the answer itself', () => {
  const detail = toContainerDetail('docker', answerOf(runningAnswer), runningAnswer, capabilityNames)
  expect(detail).toMatchObject({
    ...{ pid: 28669, entrypoint: [], user: '', workingDir: '/', hostname: '9a974861d5eb', privileged: true },
    restart: { policy: 'on-failure', maximumRetries: 3 },
    limits: { memoryBytes: 64 << 20, cpus: 1.5, pids: 50, storageBytes: null },
    capabilities: capabilityNames.filter(
      (name) => name === 'CAP_NET_ADMIN' || (name !== 'CAP_CHOWN' && defaultCapabilities.includes(name)),
    ),
    ...{ readOnlyRoot: true, seccomp: 'default', stopSignal: 'SIGTERM', stopTimeoutSeconds: 7, runtime: 'runc' },
  })
  expect(detail.mounts).toEqual([
    { type: 'bind', source: '/usr/share', target: '/share', readOnly: true },
    { type: 'volume', source: 'vol2', target: '/vol', readOnly: false },
    { type: 'tmpfs', source: 'tmpfs', target: '/scratch', readOnly: true },
  ])
  expect(detail).not.toHaveProperty('logPath')
  expect(detail.native).toEqual(runningAnswer)
})

it.each([
  [{ NanoCpus: 500_000_000 }, 0.5],
  [{ NanoCpus: 0, CpuQuota: 150_000, CpuPeriod: 50_000 }, 3],
  [{ NanoCpus: 0, CpuQuota: 150_000, CpuPeriod: 0 }, 1.5],
  [{ NanoCpus: 0, CpuQuota: 0 }, null],
])('reads the cpu limit of %o as %s', (host, cpus) => {
  expect(toContainerDetail('docker', answerOf(runningAnswer, { host }), {}, []).limits.cpus).toBe(cpus)
})

const plain = { CapAdd: null, CapDrop: null }
it.each([
  [{ CapAdd: ['SYS_TIME'] }, true, 'CAP_SYS_TIME'],
  [{ CapAdd: ['ALL'], CapDrop: ['SYS_ADMIN'] }, true, 'CAP_BPF'],
  [{ ...plain, Privileged: true }, true, 'CAP_SYS_ADMIN'],
  [{ ...plain, PidMode: 'host' }, true, 'CAP_KILL'],
  [{ ...plain, Devices: [{ PathOnHost: '/dev/kvm' }] }, true, 'CAP_KILL'],
  [{ ...plain, MaskedPaths: [] }, true, 'CAP_KILL'],
  [{ ...plain, MaskedPaths: null, PidMode: 'container:x', CapDrop: ['NOT_KNOWN'] }, false, 'CAP_KILL'],
])('says of the rights %o whether they reach beyond it: %s', (host, privileged, has) => {
  const native = { ...runningAnswer, Mounts: [] }
  const detail = toContainerDetail('docker', answerOf(native, { host }), {}, capabilityNames)
  expect(detail.privileged).toBe(privileged)
  expect(detail.capabilities).toContain(has)
  expect(detail.capabilities.every((name) => capabilityNames.includes(name))).toBe(true)
})

it.each([
  ['default', { bridge: {} }, 'bridge'],
  ['shop', { shop: {}, other: {} }, 'bridge'],
  ['shop', {}, 'none'],
  ['none', { none: {} }, 'none'],
  ['host', { host: {} }, 'host'],
  ['container:abc', {}, 'container:abc'],
])('calls the way of the mode %s onto %o %s', (NetworkMode, Networks, network) => {
  const native = { ...runningAnswer, NetworkSettings: { ...runningAnswer.NetworkSettings, Networks } }
  expect(rowOf(native, { host: { NetworkMode } }).network).toBe(network)
})

it('tells the networks that are there by their ids, and no mode', () => {
  const on = (places: Record<string, string>, host = {}) => {
    const Networks = Object.fromEntries(Object.entries(places).map(([name, NetworkID]) => [name, { NetworkID }]))
    const native = { ...runningAnswer, NetworkSettings: { ...runningAnswer.NetworkSettings, Networks } }
    return rowOf(native, { host }).networks
  }
  const [one, two] = ['a'.repeat(64), 'b'.repeat(64)]
  expect(on({ bridge: one, shop: two })).toEqual([one, two])
  expect(on({ shop: '', [two]: two })).toEqual([two])
  expect(on({ shop: '' })).toBeUndefined()
  expect(on({ host: one }, { NetworkMode: 'host' })).toBeUndefined()
  expect(on({})).toBeUndefined()
})
