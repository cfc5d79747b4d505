import { type ErrorField, fail } from '@flotilla/protocol'
import type { RuntimeCapabilities } from './runtime-spec-types.ts'

/** Every capability by its number (capability.h of Linux 6.x); the index is the bit. */
export const capabilityNames: readonly string[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
  'CAP_MKNOD',
  'CAP_LEASE',
  'CAP_AUDIT_WRITE',
  'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP',
  'CAP_MAC_OVERRIDE',
  'CAP_MAC_ADMIN',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
  'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ',
  'CAP_PERFMON',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
]

/** What Docker gives a container that asks for nothing. */
export const defaultCapabilities: readonly string[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FSETID',
  'CAP_FOWNER',
  'CAP_MKNOD',
  'CAP_NET_RAW',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETFCAP',
  'CAP_SETPCAP',
  'CAP_NET_BIND_SERVICE',
  'CAP_SYS_CHROOT',
  'CAP_KILL',
  'CAP_AUDIT_WRITE',
]

/**
 * The capabilities of a container: Docker's default set, then `capDrop`, then `capAdd`; `ALL` in either means every one
 * that the host itself has. `available` is the agent's own bounding set: what it lacks it cannot give.
 * Throws INVALID_ARGUMENT for a name that no kernel knows, and for an explicit one that the host lacks.
 */
export function selectCapabilities(
  options: { capAdd: readonly string[]; capDrop: readonly string[] },
  available: readonly string[],
): string[] {
  const add = options.capAdd.map((name, at) => normalise(name, ['capAdd', at]))
  const drop = new Set(options.capDrop.map((name, at) => normalise(name, ['capDrop', at])))
  const have = new Set(available)
  const chosen = new Set<string>()
  if (add.includes('ALL')) for (const name of available) chosen.add(name)
  else if (!drop.has('ALL')) for (const name of defaultCapabilities) if (have.has(name)) chosen.add(name)
  for (const name of drop) chosen.delete(name)
  for (const [at, name] of add.entries()) {
    if (name === 'ALL') continue
    if (!have.has(name)) {
      throw fail('capability.lacking', { name }, { field: ['capAdd', at] })
    }
    chosen.add(name)
  }
  return capabilityNames.filter((name) => chosen.has(name))
}

/**
 * The five sets of a process. Inheritable stays empty for root (CVE-2022-24769). A plain user keeps across its exec only
 * what was added on purpose, as ambient ones, or else adding a capability for it would do nothing.
 */
export function processCapabilities(
  granted: readonly string[],
  options: { uid: number; capAdd: readonly string[] },
): RuntimeCapabilities {
  const all = [...granted]
  if (options.uid === 0) return { bounding: all, effective: all, permitted: all, inheritable: [], ambient: [] }
  const names = options.capAdd.map((name, at) => normalise(name, ['capAdd', at]))
  const retained = names.includes('ALL') ? all : all.filter((name) => names.includes(name))
  return { bounding: all, effective: retained, permitted: retained, inheritable: retained, ambient: retained }
}

function normalise(name: string, field: ErrorField): string {
  if (name === 'ALL' || name === 'CAP_ALL') return 'ALL'
  const full = name.startsWith('CAP_') ? name : `CAP_${name}`
  if (capabilityNames.includes(full)) return full
  throw fail('capability.unknown', { name }, { field })
}
