import type { ContainerSpec } from '@flotilla/protocol'

/** In the kernel's order: a capability's bit is its place here. */
const capabilityNames =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'.split(
    ' ',
  )
const usual =
  'CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE NET_RAW SYS_CHROOT MKNOD AUDIT_WRITE SETFCAP'.split(
    ' ',
  )

export const hostNameOfFake = 'fake-host'

/** What a fake host has of its own, by path. */
export const filesOfHost: Readonly<Record<string, string>> = {
  '/proc/sys/kernel/hostname': `${hostNameOfFake}\n`,
  '/etc/hosts': `127.0.0.1\tlocalhost\n127.0.1.1\t${hostNameOfFake}\n`,
}

/** What the fake kernel shows in a container under /proc and /sys, by path: its limits, rights, mounts and namespaces. */
export function kernelFiles(id: string, spec: ContainerSpec): ReadonlyMap<string, string> {
  const net = spec.network === 'host' ? 'host' : id.slice(0, 8)
  return new Map([
    ['/sys/fs/cgroup/memory.max', `${spec.memoryBytes ?? 'max'}\n`],
    ['/sys/fs/cgroup/cpu.max', `${spec.cpus === undefined ? 'max' : Math.round(spec.cpus * 100_000)} 100000\n`],
    ['/sys/fs/cgroup/pids.max', `${spec.pidsLimit ?? 'max'}\n`],
    ['/proc/self/status', `CapBnd:\t${boundingSet(spec)}\nSeccomp:\t${spec.seccomp === 'unconfined' ? 0 : 2}\n`],
    ['/proc/self/mountinfo', mountPoints(spec).join('')],
    ['/proc/self/ns/net', `net:[${net}]\n`],
    ...(spec.network === 'host' ? Object.entries(filesOfHost) : []),
  ])
}

function boundingSet(spec: ContainerSpec): string {
  const plain = (names: readonly string[]) => names.map((name) => name.replace(/^CAP_/, ''))
  const dropped = plain(spec.capDrop)
  const retained = dropped.includes('ALL') ? [] : usual.filter((name) => !dropped.includes(name))
  const added = plain(spec.capAdd)
  const all = added.includes('ALL') ? capabilityNames : [...retained, ...added]
  let bits = 0n
  for (const name of all) if (capabilityNames.includes(name)) bits |= 1n << BigInt(capabilityNames.indexOf(name))
  return bits.toString(16).padStart(16, '0')
}

function mountPoints(spec: ContainerSpec): string[] {
  const masked = spec.maskedPaths === 'default' ? ['/proc/sys', '/proc/keys', '/sys/firmware'] : []
  const own = ['/sys', '/etc/hosts', '/etc/resolv.conf']
  return ['/', '/proc', ...own, ...masked, ...spec.mounts.map((mount) => mount.target)].map(
    (target, at) => `${at + 1} 0 0:1 / ${target} rw - fake fake rw\n`,
  )
}
