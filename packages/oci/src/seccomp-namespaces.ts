import type { RuntimeSyscallRule } from './runtime-spec-types.ts'

/**
 * The CLONE_NEW… flags of linux/sched.h that clone(2) takes, in this order: mount, cgroup, UTS, IPC, user, pid and network
 * namespaces. A new time namespace is only for unshare(2) and clone3(2): its bit is part of clone's exit signal.
 */
const namespaceFlags = [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000] as const

/**
 * What Docker's default profile leaves to CAP_SYS_ADMIN, or to nobody, where that of containers-common lets everybody: whoever
 * makes a user namespace has all capabilities in it, and with new mount and cgroup namespaces it mounts its own cgroup, where it
 * writes its own limits.
 */
const forAdministrators: ReadonlySet<string> = new Set([
  ...['unshare', 'setns', 'mount', 'umount', 'umount2', 'pivot_root'],
  ...['fsopen', 'fsconfig', 'fsmount', 'fspick', 'move_mount', 'open_tree', 'open_tree_attr', 'mount_setattr'],
  ...['keyctl', 'add_key', 'request_key'],
  ...['syslog', 'quotactl_fd'],
])

const [eperm, enosys] = [1, 38]

/**
 * The rules of a filter for a container without CAP_SYS_ADMIN: no new namespace, no mount, no key. clone3(2) has its flags in
 * memory, where no filter sees them: it is said not to exist, and the C libraries fall back to clone(2).
 */
export function withoutNamespaces(
  rules: readonly RuntimeSyscallRule[],
  { profileArch, capabilities }: { profileArch: string; capabilities: readonly string[] },
): RuntimeSyscallRule[] {
  const isRefused = (name: string) =>
    forAdministrators.has(name) && !(name === 'syslog' && capabilities.includes('CAP_SYSLOG'))
  // One rule for a call decides alone: others of the same call go, whatever they say.
  const replaced = (name: string) => name === 'clone' || name === 'clone3' || isRefused(name)
  const others = rules
    .map((rule) => ({ ...rule, names: rule.names.filter((name) => !replaced(name)) }))
    .filter(({ names }) => names.length > 0)
  // What the profile allows nobody has its default action, and needs no rule.
  const allowed = new Set(rules.filter(({ action }) => action === 'SCMP_ACT_ALLOW').flatMap(({ names }) => names))
  const refused = [...allowed].filter(isRefused)
  return [
    ...others,
    ...(refused.length === 0 ? [] : [{ names: refused, action: 'SCMP_ACT_ERRNO', errnoRet: eperm }]),
    ...(allowed.has('clone3') ? [{ names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: enosys }] : []),
    ...(allowed.has('clone') ? cloneRules(profileArch) : []),
  ]
}

/** s390x takes the stack first and the flags then (clone(2), "C library/kernel differences"). */
function cloneRules(profileArch: string): RuntimeSyscallRule[] {
  const index = profileArch === 's390x' ? 1 : 0
  const flags = (value: number, valueTwo: number) => [{ index, value, valueTwo, op: 'SCMP_CMP_MASKED_EQ' }]
  const all = namespaceFlags.reduce((sum, flag) => sum + flag, 0)
  return [
    { names: ['clone'], action: 'SCMP_ACT_ALLOW', args: flags(all, 0) },
    ...namespaceFlags.map((flag) => ({
      ...{ names: ['clone'], action: 'SCMP_ACT_ERRNO', errnoRet: eperm },
      args: flags(flag, flag),
    })),
  ]
}
