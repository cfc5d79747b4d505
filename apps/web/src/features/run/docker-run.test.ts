import type { ContainerSpecInput } from '@flotilla/protocol'
// eslint-disable-next-line no-restricted-imports -- a real shell reads what is quoted here
import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { dockerRunLine, dockerRunWords } from './docker-run.ts'
import { parseDockerRun } from './parse-docker-run.ts'
import { toSpec } from './to-spec.ts'

const full: ContainerSpecInput = {
  image: 'nginx:1.27',
  name: 'web-1',
  command: ['sh', '-c', `echo "it's $HOME"; sleep 1`],
  entrypoint: ['/entry.sh'],
  env: { GREETING: 'hello world', QUOTED: `a'b"c`, EMPTY: '' },
  user: 'www-data:www-data',
  workingDir: '/srv/my app',
  hostname: 'web',
  tty: true,
  memoryBytes: 512 * 1024 * 1024,
  cpus: 1.5,
  pidsLimit: 100,
  storageBytes: 10 * 1024 ** 3,
  readOnlyRoot: true,
  capAdd: ['NET_ADMIN'],
  capDrop: ['ALL'],
  seccomp: 'unconfined',
  maskedPaths: 'none',
  mounts: [
    { type: 'bind', source: '/srv/data', target: '/data', readOnly: true },
    { type: 'tmpfs', target: '/tmp', sizeBytes: 64 * 1024 * 1024, mode: '0750' },
    { type: 'volume', source: 'data', target: '/var/lib/data', readOnly: true, subPath: 'a,b', noCopy: true },
    { type: 'volume', target: '/cache' },
  ],
  devices: [{ hostPath: '/dev/fuse', containerPath: '/dev/fuse', permissions: 'rw' }],
  labels: { 'com.example.team': 'a b', flag: '' },
  networks: [{ network: 'shop', aliases: ['db', 'orders'], ipv4: '10.20.0.9', ipv6: 'fd12::9' }, { network: 'back' }],
  pidNamespace: 'host',
  ipcNamespace: 'host',
  utsNamespace: 'host',
  ports: [
    { containerPort: 80, hostPort: 8080, protocol: 'tcp' },
    { containerPort: 53, hostPort: 0, protocol: 'udp' },
    { containerPort: 443, hostPort: 8443, hostIp: '127.0.0.1', protocol: 'tcp' },
    { containerPort: 80, hostPort: 8080, hostIp: '::1', protocol: 'tcp' },
    { containerPort: 81, hostPort: 0, hostIp: 'fd12::1', protocol: 'udp' },
  ],
  publishAllPorts: true,
  restart: { policy: 'on-failure', maximumRetries: 3 },
  stopSignal: 'INT',
  stopTimeoutSeconds: 5,
}

describe('the docker run line', () => {
  test('an image alone', () => {
    expect(dockerRunLine({ image: 'nginx' })).toBe('docker run --detach nginx')
  })

  test('has all options, in words that a real shell reads back', () => {
    const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${dockerRunLine(full)}`], { encoding: 'utf8' })
    expect(printed.split('\0').slice(0, -1)).toEqual(dockerRunWords(full).flat())
    expect(dockerRunLine(full)).toContain(`--env 'QUOTED=a'\\''b"c'`)
    expect(dockerRunLine(full)).toContain('--publish 127.0.0.1:8443:443')
    expect(dockerRunLine(full)).toContain('--publish 53/udp')
    expect(dockerRunLine(full)).toContain(`--publish '[::1]:8080:80' --publish '[fd12::1]::81/udp'`)
    expect(dockerRunLine(full)).toContain('--network name=shop,alias=db,alias=orders,ip=10.20.0.9,ip6=fd12::9')
    expect(dockerRunLine(full)).toContain('--network back')
    expect(dockerRunLine(full)).toContain('--memory 512m')
  })

  test('several lines are the same command', () => {
    const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${dockerRunLine(full, true)}`], { encoding: 'utf8' })
    expect(printed.split('\0').slice(0, -1)).toEqual(dockerRunWords(full).flat())
    expect(dockerRunLine({ image: 'a', command: ['b', '--c'], name: 'n' }, true)).toBe(
      'docker run --detach \\\n  --name n \\\n  a b --c',
    )
  })

  test('words of an entrypoint after the first stand before the command, as Docker wants it', () => {
    const line = dockerRunLine({ image: 'a', entrypoint: ['/bin/sh', '-c'], command: ['echo hi'] })
    expect(line).toBe(`docker run --detach --entrypoint /bin/sh a -c 'echo hi'`)
  })

  test('one network says what it is asked for in options of their own', () => {
    const networks = [{ network: 'shop', aliases: ['db'], ipv4: '10.20.0.9', ipv6: 'fd12::9' }]
    expect(dockerRunLine({ image: 'a', networks })).toContain(
      '--network shop --network-alias db --ip 10.20.0.9 --ip6 fd12::9 a',
    )
  })

  test('a network that is shared with another container', () => {
    const line = dockerRunLine({ image: 'a', network: 'container:web' })
    expect(line).toBe('docker run --detach --network container:web a')
    expect(parseDockerRun(line)?.draft).toMatchObject({ network: 'container', sharedWith: 'web' })
  })

  test('a mount whose path has a comma is quoted as CSV', () => {
    const line = dockerRunLine({ image: 'a', mounts: [{ type: 'bind', source: '/a,b', target: '/c"d' }] })
    expect(line).toContain(`'type=bind,"source=/a,b","target=/c""d"'`)
  })

  test('pasted into the form it gives the same container', () => {
    const parsed = parseDockerRun(dockerRunLine(full, true))
    expect(parsed?.ignored).toEqual([])
    expect(toSpec({ ...(parsed?.draft ?? fail()), hostId: 'h' })).toEqual({ spec: full, problems: {} })
  })
})

describe('a pasted docker run line', () => {
  test('short options, glued and with equals signs', () => {
    const parsed = parseDockerRun(
      'sudo docker run -dit -p8080:80 -e A=1 --env=B=2 -v /a:/b:ro -m 1g --net host --name=x nginx:1 nginx -g "daemon off;"',
    )
    expect(parsed?.draft).toMatchObject({
      tty: true,
      name: 'x',
      image: 'nginx:1',
      command: `nginx -g 'daemon off;'`,
      memory: '1g',
      network: 'host',
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ],
      ports: [{ hostPort: '8080', containerPort: '80' }],
      mounts: [{ type: 'bind', source: '/a', target: '/b', readOnly: true }],
    })
    expect(parsed?.ignored).toEqual([])
  })

  test('says what it had no place for', () => {
    const parsed = parseDockerRun('docker run --rm --gpus all -v ./data:/data --volumes-from db redis')
    expect(parsed?.draft).toMatchObject({ image: 'redis', mounts: [] })
    expect(parsed?.ignored).toEqual(['--rm', '--gpus all', '-v ./data:/data', '--volumes-from db'])
  })

  test('says what of an option it had no place for, and takes the rest', () => {
    const parsed = parseDockerRun(
      'docker run -v data:/a:z,ro --mount type=volume,src=x,dst=/b,volume-driver=nfs --network name=shop,gw-priority=1 redis',
    )
    expect(parsed?.draft.mounts).toMatchObject([
      { type: 'volume', source: 'data', target: '/a', readOnly: true },
      { type: 'volume', source: 'x', target: '/b' },
    ])
    expect(parsed?.draft.networks).toMatchObject([{ network: 'shop' }])
    expect(parsed?.ignored).toEqual(['-v … z', '--mount … volume-driver=nfs', '--network … gw-priority=1'])
  })

  test.each([
    ['-v data:/x', { source: 'data', target: '/x', readOnly: false, noCopy: false }],
    ['-vdata:/x:ro', { source: 'data', target: '/x', readOnly: true }],
    ['--volume=data:/x:ro,nocopy', { source: 'data', readOnly: true, noCopy: true }],
    ['--volume /x', { source: '', target: '/x' }],
    ['--mount type=volume,source=data,target=/x', { source: 'data', target: '/x' }],
    ['--mount source=data,destination=/x,ro', { source: 'data', target: '/x', readOnly: true }],
    ['--mount type=volume,dst=/x', { source: '', target: '/x' }],
    [
      `--mount 'type=volume,src=data,dst=/x,"volume-subpath=a,b",volume-nocopy,readonly=false'`,
      { source: 'data', subPath: 'a,b', noCopy: true, readOnly: false },
    ],
  ])('a volume: %s', (options, mount) => {
    const parsed = parseDockerRun(`docker run ${options} redis`)
    expect(parsed?.draft.mounts).toMatchObject([{ type: 'volume', ...mount }])
    expect(parsed?.ignored).toEqual([])
  })

  test.each([
    ['-v /a:/b:ro', { source: '/a', target: '/b', readOnly: true }],
    ['--mount type=bind,src=/a,dst=/b', { source: '/a', target: '/b', readOnly: false }],
  ])('a folder of the host: %s', (options, mount) => {
    const parsed = parseDockerRun(`docker run ${options} redis`)
    expect(parsed?.draft.mounts).toMatchObject([{ type: 'bind', ...mount }])
  })

  test.each([
    ['-v data:relative'],
    ['-v .data:/x'],
    ['-v a:/b:ro:more'],
    ['--mount type=npipe,src=a,dst=/b'],
    ['--mount type=volume,src=a'],
    ['--mount "'],
  ])('no mount: %s', (options) => {
    expect(parseDockerRun(`docker run ${options} redis`)?.draft.mounts ?? []).toEqual([])
  })

  test('options of a network are those of the first, wherever they stand', () => {
    const parsed = parseDockerRun(
      'docker run --ip 10.20.0.9 --network-alias db --network shop --network back --ip6=fd12::9 --net-alias orders redis',
    )
    expect(parsed?.draft).toMatchObject({
      network: 'bridge',
      networks: [
        { network: 'shop', aliases: 'db orders', ipv4: '10.20.0.9', ipv6: 'fd12::9' },
        { network: 'back', aliases: '', ipv4: '', ipv6: '' },
      ],
    })
    expect(parsed?.ignored).toEqual([])
  })

  test('the default network alone is no choice, and another one beside it is', () => {
    const networksOf = (options: string) => parseDockerRun(`docker run ${options} redis`)?.draft.networks
    expect(networksOf('--network bridge')).toEqual([])
    expect(networksOf('--network default')).toEqual([])
    expect(networksOf('--network bridge --network shop')).toMatchObject([{ network: 'bridge' }, { network: 'shop' }])
    expect(networksOf('--ip 172.17.0.9')).toMatchObject([{ network: 'bridge', ipv4: '172.17.0.9' }])
  })

  test('a container that shares a network is on none of its own', () => {
    const parsed = parseDockerRun('docker run --network container:web --network shop --network-alias db redis')
    expect(parsed?.draft).toMatchObject({ network: 'container', sharedWith: 'web', networks: [] })
    expect(parsed?.ignored).toEqual(['--network shop', '--network-alias db'])
  })

  test.each([
    ['[::1]:8080:80', { hostIp: '::1', hostPort: '8080', containerPort: '80' }],
    ['[fd12::1]::53/udp', { hostIp: 'fd12::1', hostPort: '', containerPort: '53', protocol: 'udp' }],
    ['127.0.0.1::80', { hostIp: '127.0.0.1', hostPort: '', containerPort: '80' }],
  ])('a port on one address of the host: %s', (value, port) => {
    expect(parseDockerRun(`docker run -p ${value} redis`)?.draft.ports).toMatchObject([port])
  })

  test('other text is no docker run line', () => {
    for (const text of ['nginx:1.27', 'docker ps', 'docker run', `docker run 'a`])
      expect(parseDockerRun(text)).toBeNull()
  })
})

function fail(): never {
  throw new Error('nothing was parsed')
}
