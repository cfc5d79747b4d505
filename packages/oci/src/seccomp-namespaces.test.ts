import { describe, expect, it } from 'vitest'
import type { RuntimeSeccomp, RuntimeSyscallRule } from './runtime-spec-types.ts'
import { parseSeccompProfile, translateSeccomp } from './seccomp.ts'

const lavish = [
  ...['read', 'clone', 'clone3', 'unshare', 'setns', 'mount', 'umount', 'umount2', 'pivot_root', 'syslog'],
  ...['fsopen', 'fsconfig', 'fsmount', 'fspick', 'move_mount', 'open_tree', 'mount_setattr', 'keyctl'],
]
const profile = (names: readonly string[], more: object[] = []) =>
  parseSeccompProfile(
    JSON.stringify({
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultErrnoRet: 22,
      syscalls: [{ names, action: 'SCMP_ACT_ALLOW', args: [] }, ...more],
    }),
  )
const filter = (capabilities: string[] = [], arch = 'x64', from = profile(lavish)) =>
  translateSeccomp(from, { arch, kernelVersion: '6.1', capabilities })

/** What becomes of a call with these arguments: `allowed`, or the number of its error. More than one rule that fits is a mistake. */
function verdict(seccomp: RuntimeSeccomp, name: string, args: number[] = []): unknown {
  const holds = ({ args: wanted = [] }: RuntimeSyscallRule) =>
    wanted.every(({ index, value, valueTwo, op }) => {
      expect(op).toBe('SCMP_CMP_MASKED_EQ')
      return (BigInt(args[index] ?? 0) & BigInt(value)) === BigInt(valueTwo ?? 0)
    })
  const [rule, ...more] = seccomp.syscalls.filter((one) => one.names.includes(name) && holds(one))
  expect(more).toEqual([])
  if (rule === undefined) return seccomp.defaultErrnoRet
  return rule.action === 'SCMP_ACT_ALLOW' ? 'allowed' : rule.errnoRet
}

const thread = 0x3d0f00
const fork = 0x1200011
const [eperm, enosys] = [1, 38]

describe('without CAP_SYS_ADMIN', () => {
  it('no namespace is made, nothing is mounted and no key is kept', () => {
    const seccomp = filter()
    for (const name of lavish.slice(3)) expect([name, verdict(seccomp, name)]).toEqual([name, eperm])
    expect(verdict(seccomp, 'clone3')).toBe(enosys)
    expect(verdict(seccomp, 'read')).toBe('allowed')
    for (const flag of [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000]) {
      for (const rest of [0, 17, fork, thread]) expect(verdict(seccomp, 'clone', [flag | rest])).toBe(eperm)
    }
    for (const flags of [17, fork, thread, 0x80000000 + fork]) {
      expect(verdict(seccomp, 'clone', [flags])).toBe('allowed')
    }
  })

  it('the flags of clone are looked for where the architecture has them', () => {
    expect(verdict(filter([], 's390x'), 'clone', [0x10000000, 17])).toBe('allowed')
    expect(verdict(filter([], 's390x'), 'clone', [0, 0x10000011])).toBe(eperm)
  })

  it('what the profile allows nobody stays refused by it, and rules of its own for the same calls give way', () => {
    const strict = filter([], 'x64', profile(['read']))
    expect(strict.syscalls).toEqual([{ names: ['read'], action: 'SCMP_ACT_ALLOW' }])
    const own = [
      { names: ['setns', 'bpf'], action: 'SCMP_ACT_ERRNO', errnoRet: 13 },
      { names: ['clone'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 1, op: 'SCMP_CMP_EQ' }] },
    ]
    const seccomp = filter([], 'x64', profile(lavish, own))
    expect(['setns', 'bpf', 'clone'].map((name) => verdict(seccomp, name))).toEqual([eperm, 13, 'allowed'])
  })

  it('the kernel’s log is read with CAP_SYSLOG alone', () => {
    expect(verdict(filter(['CAP_SYSLOG']), 'syslog')).toBe('allowed')
    expect(verdict(filter(['CAP_SYSLOG']), 'mount')).toBe(eperm)
  })
})

it('leaves everything that the profile allows to whoever has CAP_SYS_ADMIN', () => {
  expect(filter(['CAP_SYS_ADMIN']).syscalls).toEqual([{ names: lavish, action: 'SCMP_ACT_ALLOW' }])
})
