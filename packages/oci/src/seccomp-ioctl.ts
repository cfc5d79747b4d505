import { seccompArchitectures } from './seccomp.ts'
import type { RuntimeSeccomp, RuntimeSyscallRule } from './runtime-spec-types.ts'

/** What `_IOC` of asm-generic/ioctl.h puts into a command: its number in the first eight bits, its type in the next. */
const numberAndType = 0xffff
const typeShift = 8

/** `BTRFS_IOCTL_MAGIC` of linux/btrfs.h. */
const btrfs = 0x94
/**
 * Commands of that type that make no subvolume and change no limit. Sharing blocks of files (`FICLONE`, 9 and 13; `FIDEDUPERANGE`,
 * 54) and labels (49) are every file system's; the others read.
 */
const harmless = [9, 13, 49, 54]
/**
 * `SNAP_CREATE`, `SUBVOL_CREATE`, both in their second form, `QUOTA_CTL`, and `QGROUP_ASSIGN`, `_CREATE` and `_LIMIT`.
 */
const escaping = [1, 14, 23, 24, 40, 41, 42, 43]

const refused = 1 // EPERM

/**
 * A filter that lets nobody make a subvolume of btrfs, for which the kernel asks no right, nor change its limits: what is
 * in a subvolume of its own counts against the limit of no other. Null is a container without a filter, which gets one for this alone.
 */
export function withoutSubvolumes(filter: RuntimeSeccomp | null, arch: string): RuntimeSeccomp {
  if (filter === null) {
    return {
      defaultAction: 'SCMP_ACT_ALLOW',
      architectures: seccompArchitectures(arch),
      syscalls: escaping.map((number) => ioctl('SCMP_ACT_ERRNO', number | (btrfs << typeShift), numberAndType)),
    }
  }
  // A rule for arguments is nothing beside one without: what allows all commands gives way to rules that allow all others.
  const rules = filter.syscalls.flatMap((rule) => withoutIoctl(rule))
  const otherTypes = [0, 1, 2, 3, 4, 5, 6, 7].map((bit) => {
    const mask = 1 << (bit + typeShift)
    return ioctl('SCMP_ACT_ALLOW', ~(btrfs << typeShift) & mask, mask)
  })
  const clones = harmless.map((number) => ioctl('SCMP_ACT_ALLOW', number | (btrfs << typeShift), numberAndType))
  const isAllowed = filter.syscalls.some(({ names, action }) => action === 'SCMP_ACT_ALLOW' && names.includes('ioctl'))
  return { ...filter, syscalls: isAllowed ? [...rules, ...otherTypes, ...clones] : rules }
}

function withoutIoctl(rule: RuntimeSyscallRule): RuntimeSyscallRule[] {
  const names = rule.names.filter((name) => name !== 'ioctl')
  return names.length === 0 ? [] : [{ ...rule, names }]
}

/** A rule for the commands whose bits under the mask are these. */
function ioctl(action: string, value: number, mask: number): RuntimeSyscallRule {
  const args = [{ index: 1, value: mask, valueTwo: value, op: 'SCMP_CMP_MASKED_EQ' }]
  return { names: ['ioctl'], action, ...(action === 'SCMP_ACT_ERRNO' ? { errnoRet: refused } : {}), args }
}
