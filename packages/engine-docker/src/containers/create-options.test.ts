import { ContainerSpec, type ContainerSpecInput } from '@flotilla/protocol'
import { expect, it } from 'vitest'
import { createOptions } from './create-options.ts'
import { NetworkAnswer } from '../networks/network-answers.ts'

/** As it goes over the wire. */
const bodyOf = (spec: Omit<ContainerSpecInput, 'image'>) =>
  JSON.parse(JSON.stringify(createOptions(ContainerSpec.parse({ image: 'nginx', ...spec }), 'op-1'))) as {
    HostConfig: Record<string, unknown>
  } & Record<string, unknown>

it('asks for nothing that was not asked for', () => {
  const { HostConfig, ...body } = bodyOf({})
  expect(body).toEqual({
    ...{ Image: 'nginx', Env: [], Tty: false, StopTimeout: 10, ExposedPorts: {} },
    Labels: { 'io.flotilla.operation': 'op-1' },
  })
  expect(HostConfig).toEqual({
    ...{ ReadonlyRootfs: false, CapAdd: [], CapDrop: [], Mounts: [], Tmpfs: {}, Devices: [], PortBindings: {} },
    ...{ NetworkMode: 'bridge', PublishAllPorts: false, RestartPolicy: { Name: '', MaximumRetryCount: 0 } },
  })
})

it('says limits, rights, namespaces and restarts in Docker’s words', () => {
  const { HostConfig } = bodyOf({
    ...{ memoryBytes: 64 << 20, cpus: 0.1 + 0.2, pidsLimit: 50, readOnlyRoot: true, storageBytes: 64 << 20 },
    ...{ capAdd: ['NET_ADMIN'], seccomp: 'unconfined', maskedPaths: 'none' },
    ...{ pidNamespace: 'host', ipcNamespace: 'host', utsNamespace: 'host' },
    restart: { policy: 'on-failure', maximumRetries: 3 },
    devices: [{ hostPath: '/dev/null', containerPath: '/dev/x', permissions: 'rw' }],
  })
  expect(HostConfig).toMatchObject({
    ...{ Memory: 67_108_864, NanoCpus: 300_000_000, PidsLimit: 50, ReadonlyRootfs: true, CapAdd: ['NET_ADMIN'] },
    ...{ SecurityOpt: ['seccomp=unconfined'], MaskedPaths: [], ReadonlyPaths: [] },
    StorageOpt: { size: '67108864' },
    ...{ PidMode: 'host', IpcMode: 'host', UTSMode: 'host' },
    RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
    Devices: [{ PathOnHost: '/dev/null', PathInContainer: '/dev/x', CgroupPermissions: 'rw' }],
  })
  // Docker refuses a count beside any other policy, and a host name beside the host's namespace.
  const always = bodyOf({ restart: { policy: 'always', maximumRetries: 3 }, utsNamespace: 'host', hostname: 'box' })
  expect(always.HostConfig).toMatchObject({ RestartPolicy: { Name: 'always', MaximumRetryCount: 0 } })
  expect(always).not.toHaveProperty('Hostname')
})

it('is made on the first of its networks alone, with its names and addresses, or on none', () => {
  const network = NetworkAnswer.parse({
    Id: 'a'.repeat(64),
    Name: 'shop',
    Driver: 'bridge',
    Labels: null,
    Options: null,
  })
  const wanted = { network: 'aaa', aliases: ['web'], ipv4: '10.1.2.3' }
  const spec = ContainerSpec.parse({ image: 'nginx' })
  const body = createOptions(spec, 'op-1', [
    { network, wanted },
    { network: { ...network, Name: 'back' }, wanted },
  ])
  expect(body.HostConfig?.NetworkMode).toBe('shop')
  expect(JSON.parse(JSON.stringify(body.NetworkingConfig))).toEqual({
    EndpointsConfig: { shop: { IPAMConfig: { IPv4Address: '10.1.2.3' }, Aliases: ['web'] } },
  })
  expect(createOptions(spec, 'op-1', []).HostConfig?.NetworkMode).toBe('none')
})

it('publishes several host ports of one, named and free', () => {
  const { HostConfig, ExposedPorts } = bodyOf({
    ports: [
      { containerPort: 80, hostPort: 8080 },
      { containerPort: 80, hostIp: '127.0.0.1' },
      { containerPort: 53, protocol: 'udp' },
    ],
  })
  expect(HostConfig['PortBindings']).toEqual({
    '80/tcp': [
      { HostIp: '', HostPort: '8080' },
      { HostIp: '127.0.0.1', HostPort: '' },
    ],
    '53/udp': [{ HostIp: '', HostPort: '' }],
  })
  expect(ExposedPorts).toEqual({ '80/tcp': {}, '53/udp': {} })
})

it('mounts folders and memory', () => {
  const { HostConfig } = bodyOf({
    mounts: [
      { type: 'bind', source: '/a:b', target: '/in', readOnly: true },
      { type: 'tmpfs', target: '/scratch', sizeBytes: 1024 },
      { type: 'tmpfs', target: '/still', readOnly: true, mode: '0750' },
    ],
  })
  const bind = { Type: 'bind', Source: '/a:b', Target: '/in', ReadOnly: true }
  expect(HostConfig['Mounts']).toEqual([{ ...bind, BindOptions: { NonRecursive: true } }])
  expect(HostConfig['Tmpfs']).toEqual({
    '/scratch': 'rw,nosuid,nodev,mode=1777,size=1024',
    '/still': 'ro,nosuid,nodev,mode=0750',
  })
  const mounts = [{ type: 'bind' as const, source: '/a:b', target: '/in', readOnly: true }]
  const newer = createOptions(ContainerSpec.parse({ image: 'nginx', mounts }), 'op-1', undefined, true)
  const BindOptions = { ReadOnlyForceRecursive: true, Propagation: 'rprivate' }
  expect(newer.HostConfig?.Mounts).toEqual([{ ...bind, BindOptions }])
})

it('tells an empty command from none, and keeps what holds an "="', () => {
  expect(bodyOf({ entrypoint: [], command: [] })).toMatchObject({ Entrypoint: [], Cmd: [] })
  expect(bodyOf({})).not.toHaveProperty('Entrypoint')
  expect(bodyOf({ env: { OPTS: 'a=b c' } })['Env']).toEqual(['OPTS=a=b c'])
})
