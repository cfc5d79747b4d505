import { type ContainerSpec, fail } from '@flotilla/protocol'
import type { RuntimeMount } from '@flotilla/oci'

/** Files of the container's own that stand in for the image's; null leaves the image's alone. */
export interface RuntimeFiles {
  resolvConf: string | null
  hosts: string | null
  hostname: string | null
}

const defaultShmBytes = 64 * 1024 * 1024

/** Shown as empty, as Docker and podman do. */
export const maskedPaths: readonly string[] = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
  '/sys/dev/block',
]

/** Readable, not writable. */
export const readonlyPaths: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
]

/** A part of a volume, or all of it, as it is mounted. */
export interface RuntimeVolume {
  target: string
  /** What the runtime binds; nobody but us decides what this path leads to. */
  source: string
  readOnly: boolean
  /** It has a size limit of its own. */
  limited?: boolean
  /** It is memory: nothing of it may be run. */
  isTemporary?: boolean
}

/** What was asked for and what the image has, each place in one spelling. A mount that `volumes` has is theirs. */
function askedMounts({ mounts }: Pick<ContainerSpec, 'mounts'>, volumes: readonly RuntimeVolume[]) {
  // A runtime before 1.1.8 gives a tmpfs the mode of the folder below it: at a start it is bound, made by us (`openVolumes`).
  const ours = new Set(volumes.filter(({ isTemporary }) => isTemporary).map(({ target }) => target))
  return [
    ...mounts.flatMap((mount) => (mount.type === 'volume' || ours.has(mount.target) ? [] : [mount])),
    ...volumes.map((volume) => ({ ...volume, type: 'bind' as const })),
  ].map((mount) => ({ ...mount, target: normalisePath(mount.target) }))
}

/** What of that is bound, in the order in which the runtime does it. */
export function boundMounts(
  spec: Pick<ContainerSpec, 'mounts'>,
  volumes: readonly RuntimeVolume[],
): { target: string; source: string }[] {
  return askedMounts(spec, volumes)
    .flatMap((mount) => (mount.type === 'bind' ? [mount] : []))
    .sort((a, b) => depth(a.target) - depth(b.target))
}

/**
 * All mounts in the order in which the runtime makes them: kernel file systems, the container's own files, then what was
 * asked, a parent before what lies in it. Throws INVALID_ARGUMENT where two claim one place, or one would hide /proc or the devices.
 */
export function buildMounts(
  spec: ContainerSpec,
  files: RuntimeFiles,
  volumes: readonly RuntimeVolume[],
  recursiveReadOnly: boolean,
): RuntimeMount[] {
  const asked = askedMounts(spec, volumes)
  const targets = new Set<string>()
  for (const [at, { target, type }] of asked.entries()) {
    const field = ['mounts', at, 'target']
    if (target === '/' || target === '/proc' || target.startsWith('/proc/') || target === '/sys') {
      throw fail('mount.kernelPlace', { target }, { field })
    }
    if (target === '/dev' && type === 'tmpfs') throw fail('mount.hidesDevices', { target }, { field })
    if (targets.has(target)) {
      throw fail('mount.sameTarget', { target }, { field })
    }
    targets.add(target)
  }
  const own = (
    [
      ['/etc/resolv.conf', files.resolvConf],
      ['/etc/hosts', files.hosts],
      ['/etc/hostname', files.hostname],
    ] as const
  ).flatMap(([destination, source]) =>
    source === null ? [] : [{ destination, type: 'bind', source, options: ['rbind', 'rprivate', 'rw'] }],
  )
  const wanted = asked
    .map((mount): RuntimeMount => {
      if (mount.type === 'bind') {
        const { source, readOnly, target } = mount
        // `ro` is about the mount alone, `rro` about those inside of it too.
        const access = readOnly ? (recursiveReadOnly ? ['ro', 'rro'] : ['ro']) : ['rw']
        const options =
          'isTemporary' in mount && mount.isTemporary === true
            ? ['bind', 'rprivate', 'nosuid', 'nodev', 'noexec', readOnly ? 'ro' : 'rw']
            : ['rbind', 'rprivate', ...access]
        return { destination: target, type: 'bind', source, options }
      }
      const size = mount.sizeBytes === undefined ? [] : [`size=${mount.sizeBytes}`]
      const options = ['nosuid', 'nodev', 'noexec', `mode=${mount.mode}`, mount.readOnly ? 'ro' : 'rw', ...size]
      return { destination: mount.target, type: 'tmpfs', source: 'tmpfs', options }
    })
    .sort((a, b) => depth(a.destination) - depth(b.destination))
  return [...systemMounts(spec), ...own, ...wanted].filter(
    (mount, index, all) => all.findLastIndex((other) => other.destination === mount.destination) === index,
  )
}

function systemMounts(spec: ContainerSpec): RuntimeMount[] {
  const locked = ['nosuid', 'noexec', 'nodev']
  const mounts: RuntimeMount[] = [
    { destination: '/proc', type: 'proc', source: 'proc', options: locked },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
    },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    // A sysfs mount shows the network namespace of whoever mounts it, which the kernel allows to its owner alone.
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...locked, 'ro'] },
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: [...locked, 'relatime', 'ro'] },
  ]
  // mqueue shows the queues of the IPC namespace that mounts it: with the host's it is the host's, mounted there or not.
  mounts.push({ destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: locked })
  mounts.push(
    spec.ipcNamespace === 'host'
      ? { destination: '/dev/shm', type: 'bind', source: '/dev/shm', options: ['rbind', 'rprivate'] }
      : {
          destination: '/dev/shm',
          type: 'tmpfs',
          source: 'shm',
          options: [...locked, 'mode=1777', `size=${defaultShmBytes}`],
        },
  )
  return mounts
}

/** `/a/../b//c/` to `/b/c`, so that one place has one spelling. */
export function normalisePath(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

function depth(path: string): number {
  return path.split('/').length
}
