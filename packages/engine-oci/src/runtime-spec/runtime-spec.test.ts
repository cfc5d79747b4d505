import { readFileSync } from 'node:fs'
import { ContainerSpec, type ContainerSpecInput } from '@flotilla/protocol'
import { describe, expect, it } from 'vitest'
import {
  capabilityNames,
  defaultCapabilities,
  parseSeccompProfile,
  type RuntimeSeccomp,
  type RuntimeSyscallRule,
  signalName,
  signalNumber,
} from '@flotilla/oci'
import { splitDeviceNumber } from './devices.ts'
import { type ImageProcessConfig, resolveProcess } from './process.ts'
import { type RuntimeSpecInput, buildRuntimeSpec, rlimits } from './runtime-spec.ts'

const profile = parseSeccompProfile(
  JSON.stringify({
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: 38,
    archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] }],
    syscalls: [
      { names: ['read'], action: 'SCMP_ACT_ALLOW', args: [], includes: {}, excludes: {} },
      { names: ['bpf'], action: 'SCMP_ACT_ALLOW', args: null, includes: { caps: ['CAP_SYS_ADMIN'] } },
      { names: ['bpf'], action: 'SCMP_ACT_ERRNO', errnoRet: 1, excludes: { caps: ['CAP_SYS_ADMIN'] } },
      { names: ['arm_fadvise64_64'], action: 'SCMP_ACT_ALLOW', includes: { arches: ['arm64'] } },
      { names: ['ptrace'], action: 'SCMP_ACT_ALLOW', includes: { minKernel: '4.8' } },
      {
        names: ['personality'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: 0, value: 4294967295, valueTwo: 0, op: 'SCMP_CMP_EQ' }],
      },
    ],
  }),
)

const allowing = parseSeccompProfile(
  JSON.stringify({
    defaultAction: 'SCMP_ACT_ERRNO',
    syscalls: [{ names: ['read', 'ioctl'], action: 'SCMP_ACT_ALLOW', args: [] }],
  }),
)

function build(
  spec: Partial<ContainerSpecInput> = {},
  image: ImageProcessConfig = { Cmd: ['sh'] },
  over: Partial<RuntimeSpecInput> = {},
) {
  return buildRuntimeSpec({
    containerId: 'abc',
    volumes: [],
    image,
    spec: ContainerSpec.parse({ image: 'test', ...spec }),
    user: { uid: 0, gid: 0, additionalGids: [0], home: '/root', name: 'root' },
    rootfsPath: '/merged',
    netnsPath: '/run/netns/x',
    cgroupsPath: '/flotilla-abc/1',
    hostLimits: {
      openFilesHard: 20_000,
      cpus: 2,
      swapAccounting: true,
      capabilities: capabilityNames.filter((name) => name !== 'CAP_SYS_RESOURCE'),
      kernelVersion: '6.1.0-13-amd64',
      arch: 'x64',
    },
    seccompProfile: profile,
    files: { resolvConf: '/c/resolv.conf', hosts: '/c/hosts', hostname: '/c/hostname' },
    devices: [],
    hostname: 'box',
    recursiveReadOnly: true,
    ...over,
  })
}

const image: ImageProcessConfig = { Entrypoint: ['/entry', '-x'], Cmd: ['serve'] }
const words = (spec: Partial<ContainerSpecInput>) =>
  resolveProcess(image, ContainerSpec.parse({ image: 'test', ...spec })).words.map(
    ({ word, source }) => `${source}:${word}`,
  )

describe('the command line', () => {
  it('joins ENTRYPOINT and CMD, and says which word came from where', () => {
    expect(words({})).toEqual(['image-entrypoint:/entry', 'image-entrypoint:-x', 'image-command:serve'])
    expect(words({ command: ['a'] })).toEqual(['image-entrypoint:/entry', 'image-entrypoint:-x', 'override-command:a'])
  })
  it('drops CMD once the entrypoint is replaced', () => {
    expect(words({ entrypoint: ['/b'] })).toEqual(['override-entrypoint:/b'])
    expect(words({ entrypoint: ['/b'], command: ['c'] })).toEqual(['override-entrypoint:/b', 'override-command:c'])
  })
  it('refuses an image with nothing to run, with advice', () => {
    expect(() => build({}, {})).toThrow(/names no command to run.*Give a command/)
    expect(() => build({ entrypoint: [] }, image)).toThrow(/names no command/)
    expect(() => build({ command: [''] }, {})).toThrow(/first word of the command is empty/)
  })
  it('refuses more arguments than the kernel takes', () => {
    expect(() =>
      build({ env: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`V${i}`, 'x'.repeat(110_000)])) }),
    ).toThrow(/the kernel takes at most/)
  })
})

it('is stopped by the image’s signal, or as usual where that is none', () => {
  const signal = (StopSignal: string, stopSignal?: string) =>
    resolveProcess({ ...image, StopSignal }, ContainerSpec.parse({ image: 'test', ...(stopSignal && { stopSignal }) }))
      .stopSignal
  expect([signal('SIGQUIT'), signal(''), signal('SIGSHRUG'), signal('0')]).toEqual([
    'SIGQUIT',
    'SIGTERM',
    'SIGTERM',
    'SIGTERM',
  ])
  expect(signal('SIGSHRUG', 'INT')).toBe('INT')
})

describe('the environment', () => {
  it('merges image and person in the image’s order and adds what is missing', () => {
    const { env } = build(
      { env: { A: '2', B: '3' }, tty: true },
      { Cmd: ['sh'], Env: ['A=1', 'PATH=/bin', 'broken'] },
    ).process
    expect(env).toEqual(['PATH=/bin', 'A=2', 'B=3', 'HOSTNAME=box', 'TERM=xterm', 'HOME=/root'])
  })
  it('leaves what was set on purpose alone', () => {
    const { env } = build({ env: { HOME: '/h', TERM: 'dumb' }, tty: true }).process
    expect(env.filter((entry) => /^(HOME|TERM)=/.test(entry))).toEqual(['HOME=/h', 'TERM=dumb'])
  })
})

describe('capabilities', () => {
  it('are Docker’s default set, empty in inheritable', () => {
    const { capabilities } = build().process
    expect([...capabilities.bounding].sort()).toEqual([...defaultCapabilities].sort())
    expect(capabilities.inheritable).toEqual([])
  })
  it('drops and adds, ALL included, never more than the host has', () => {
    expect(build({ capDrop: ['ALL'], capAdd: ['NET_ADMIN'] }).process.capabilities.bounding).toEqual(['CAP_NET_ADMIN'])
    expect(build({ capAdd: ['ALL'], capDrop: ['CAP_SYS_ADMIN'] }).process.capabilities.bounding).toHaveLength(39)
    expect(() => build({ capAdd: ['SYS_RESOURCE'] })).toThrow(/cannot give the capability CAP_SYS_RESOURCE/)
    expect(() => build({ capAdd: ['NO_SUCH'] })).toThrow(/no capability that Linux knows/)
  })
  it('keeps for a plain user only what was added', () => {
    const user = { uid: 1000, gid: 1000, additionalGids: [1000], home: '/', name: null }
    const { capabilities } = build({ capAdd: ['NET_ADMIN'] }, { Cmd: ['sh'] }, { user }).process
    expect(capabilities.effective).toEqual(['CAP_NET_ADMIN'])
    expect(capabilities.ambient).toEqual(['CAP_NET_ADMIN'])
    expect(capabilities.bounding).toContain('CAP_CHOWN')
  })
})

describe('seccomp', () => {
  it('translates per architecture, kernel and capabilities', () => {
    const { seccomp } = build().linux
    expect(seccomp?.architectures).toEqual(['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'])
    expect(seccomp?.syscalls.map((rule) => `${rule.names[0]}:${rule.action}`)).toEqual([
      'read:SCMP_ACT_ALLOW',
      'bpf:SCMP_ACT_ERRNO',
      'ptrace:SCMP_ACT_ALLOW',
      'personality:SCMP_ACT_ALLOW',
    ])
    expect(seccomp?.syscalls.at(-1)?.args).toEqual([{ index: 0, value: 4294967295, valueTwo: 0, op: 'SCMP_CMP_EQ' }])
    expect(build({ capAdd: ['SYS_ADMIN'] }).linux.seccomp?.syscalls[1]?.action).toBe('SCMP_ACT_ALLOW')
  })
  it('refuses to run without a profile, and never falls back', () => {
    expect(() => build({}, { Cmd: ['sh'] }, { seccompProfile: null })).toThrow(/no seccomp profile/)
    expect(build({ seccomp: 'unconfined' }, { Cmd: ['sh'] }, { seccompProfile: null }).linux.seccomp).toBeUndefined()
    expect(() => parseSeccompProfile('{}')).toThrow(/cannot be read/)
  })
  it('keeps btrfs from making subvolumes where a limited volume is mounted, also without a profile', () => {
    const volumes = [{ source: '/volumes/1', target: '/v', readOnly: false, limited: true }]
    const filter = (spec: Partial<ContainerSpecInput>, limited = true) =>
      build(spec, { Cmd: ['sh'] }, { volumes: volumes.map((one) => ({ ...one, limited })), seccompProfile: allowing })
        .linux.seccomp
    const command = (rule: RuntimeSyscallRule, value: number) =>
      rule.names.includes('ioctl') &&
      (rule.args ?? []).every((arg) => (value & arg.value) >>> 0 === (arg.valueTwo ?? 0) >>> 0)
    const verdict = (seccomp: RuntimeSeccomp | undefined, value: number) =>
      seccomp?.syscalls.find((rule) => command(rule, value))?.action ?? seccomp?.defaultAction
    const [create, createAgain, limit, clone, terminal] = [0x5000940e, 0x50009418, 0x8030942b, 0x40049409, 0x5401]
    for (const seccomp of [filter({}), filter({ seccomp: 'unconfined', capAdd: ['SYS_ADMIN'] })]) {
      const verdicts = [create, createAgain, limit, clone, terminal].map((value) => verdict(seccomp, value))
      const [no, yes] = ['SCMP_ACT_ERRNO', 'SCMP_ACT_ALLOW']
      expect(verdicts).toEqual([no, no, no, yes, yes])
    }
    expect(filter({ seccomp: 'unconfined' })?.architectures).toContain('SCMP_ARCH_X86')
    expect(verdict(filter({}, false), create)).toBe('SCMP_ACT_ALLOW')
    expect(filter({ seccomp: 'unconfined' }, false)).toBeUndefined()
  })
  it('reads the profile of this machine where there is one', () => {
    let text: string
    try {
      text = readFileSync('/usr/share/containers/seccomp.json', 'utf8')
    } catch {
      text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
      expect(() => parseSeccompProfile(text)).toThrow()
      return
    }
    const { seccomp } = build({}, { Cmd: ['sh'] }, { seccompProfile: parseSeccompProfile(text) }).linux
    const allowed = new Set(
      seccomp?.syscalls.filter((rule) => rule.action === 'SCMP_ACT_ALLOW').flatMap((r) => r.names),
    )
    expect(allowed.has('openat')).toBe(true)
    expect(allowed.has('bpf')).toBe(false)
    expect(seccomp?.defaultErrnoRet).toBe(38)
  })
})

describe('limits', () => {
  it('become cgroup values, with no swap beyond memory', () => {
    const { resources } = build({ memoryBytes: 256 * 1024 ** 2, cpus: 0.5, pidsLimit: 50 }).linux
    expect(resources.memory).toEqual({ limit: 268435456, swap: 268435456 })
    expect(resources.cpu).toEqual({ quota: 50_000, period: 100_000 })
    expect(resources.pids).toEqual({ limit: 50 })
  })
  it('refuses what the kernel or the host cannot give', () => {
    expect(() => build({ memoryBytes: 4096 })).toThrow(/at least 6 MiB/)
    expect(() => build({ cpus: 3 })).toThrow(/0.01 to 2/)
  })
  it('opens few files at first, and never more than the host allows', () => {
    const files = (openFilesHard: number) => rlimits({ openFilesHard })
    expect(build().process.rlimits).toEqual(files(20_000))
    expect(files(20_000)).toEqual([{ type: 'RLIMIT_NOFILE', hard: 20_000, soft: 1024 }])
    expect(files(1e9)).toEqual([{ type: 'RLIMIT_NOFILE', hard: 1_048_576, soft: 1024 }])
    expect(files(512)).toEqual([{ type: 'RLIMIT_NOFILE', hard: 512, soft: 512 }])
  })
})

describe('mounts and namespaces', () => {
  it('puts a parent before what lies in it, and refuses two at one place', () => {
    const mounts = [
      { type: 'bind' as const, source: '/src', target: '/data/a/', readOnly: true },
      { type: 'tmpfs' as const, target: '/data', sizeBytes: 4096 },
    ]
    const built = build({ mounts }).mounts
    expect(built.slice(-2).map((mount) => mount.destination)).toEqual(['/data', '/data/a'])
    expect(built.at(-1)?.options).toEqual(['rbind', 'rprivate', 'ro', 'rro'])
    const older = build({ mounts }, { Cmd: ['sh'] }, { recursiveReadOnly: false }).mounts
    expect(older.at(-1)?.options).toEqual(['rbind', 'rprivate', 'ro'])
    expect(() => build({ mounts: [...mounts, { type: 'tmpfs', target: '/data/b/..' }] })).toThrow(/same place, \/data/)
    expect(() => build({ mounts: [{ type: 'tmpfs', target: '/x/../proc' }] })).toThrow(/kernel's own view/)
  })
  it('lets a mount of the person take the place of a default one', () => {
    const at = build({ mounts: [{ type: 'bind', source: '/h', target: '/etc/hosts' }] }).mounts
    expect(at.filter((mount) => mount.destination === '/etc/hosts').map((mount) => mount.source)).toEqual(['/h'])
  })
  it('leaves out the namespaces that are the host’s', () => {
    const types = (spec: Partial<ContainerSpecInput>) => build(spec).linux.namespaces.map(({ type }) => type)
    expect(types({})).toEqual(['mount', 'cgroup', 'pid', 'ipc', 'uts', 'network'])
    expect(types({ network: 'host', pidNamespace: 'host', ipcNamespace: 'host', utsNamespace: 'host' })).toEqual([
      'mount',
      'cgroup',
    ])
    expect(build({ utsNamespace: 'host' }).hostname).toBeUndefined()
  })
  it('shows /proc unmasked only where that was asked', () => {
    expect(build().linux.maskedPaths).toContain('/proc/kcore')
    expect(build({ maskedPaths: 'none' }).linux).toMatchObject({ maskedPaths: [], readonlyPaths: [] })
  })
})

it('keeps labels from the runtime, which would take some of them as orders', () => {
  const labels = { 'run.oci.hooks.stdout': '/own', 'org.systemd.property.CPUQuotaPerSecUSec': '0' }
  expect(JSON.stringify(build({ labels }))).not.toMatch(/run\.oci|org\.systemd/)
})

describe('small tables', () => {
  it('reads signals as people write them', () => {
    expect(['TERM', 'SIGTERM', 'sigint', '9', 'RTMIN+3', 'RTMAX'].map(signalNumber)).toEqual([15, 15, 2, 9, 37, 64])
    expect([15, 37].map(signalName)).toEqual(['SIGTERM', 'SIGRTMIN+3'])
    for (const bad of ['FOO', '0', '65', 'RTMIN-1', '']) expect(() => signalNumber(bad)).toThrow(/no signal/)
  })
  it('splits device numbers', () => {
    expect(splitDeviceNumber(0x103)).toEqual({ major: 1, minor: 3 })
    expect(splitDeviceNumber(((259 & 0xfff) << 8) | 0x5 | (0x123 << 20))).toEqual({ major: 259, minor: 0x12305 })
  })
})
