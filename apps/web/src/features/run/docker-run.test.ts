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
  readOnlyRoot: true,
  capAdd: ['NET_ADMIN'],
  capDrop: ['ALL'],
  seccomp: 'unconfined',
  maskedPaths: 'none',
  mounts: [
    { type: 'bind', source: '/srv/data', target: '/data', readOnly: true },
    { type: 'tmpfs', target: '/tmp', sizeBytes: 64 * 1024 * 1024 },
  ],
  devices: [{ hostPath: '/dev/fuse', containerPath: '/dev/fuse', permissions: 'rw' }],
  labels: { 'com.example.team': 'a b', flag: '' },
  pidNamespace: 'host',
  ipcNamespace: 'host',
  utsNamespace: 'host',
  ports: [
    { containerPort: 80, hostPort: 8080, protocol: 'tcp' },
    { containerPort: 53, hostPort: 0, protocol: 'udp' },
    { containerPort: 443, hostPort: 8443, hostIp: '127.0.0.1', protocol: 'tcp' },
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
    const parsed = parseDockerRun('docker run --rm --gpus all -v data:/data --network my-net redis')
    expect(parsed?.draft.image).toBe('redis')
    expect(parsed?.ignored).toEqual(['--rm', '--gpus all', '-v data:/data', '--network my-net'])
  })

  test('other text is no docker run line', () => {
    for (const text of ['nginx:1.27', 'docker ps', 'docker run', `docker run 'a`])
      expect(parseDockerRun(text)).toBeNull()
  })
})

function fail(): never {
  throw new Error('nothing was parsed')
}
