import { type FlotillaError, fail } from '@flotilla/protocol'
import { z } from 'zod'
import type { RuntimeSeccomp, RuntimeSyscallRule } from './runtime-spec-types.ts'
import { isAtLeast } from './version.ts'
import { withoutNamespaces } from './seccomp-namespaces.ts'

const Condition = z.object({
  caps: z.array(z.string()).nullish(),
  arches: z.array(z.string()).nullish(),
  minKernel: z.string().nullish(),
})

/** The profile format of containers-common and of Docker, which is not the runtime-spec's. */
const Profile = z.object({
  defaultAction: z.string(),
  defaultErrnoRet: z.number().int().nullish(),
  archMap: z.array(z.object({ architecture: z.string(), subArchitectures: z.array(z.string()).nullish() })).nullish(),
  syscalls: z.array(
    z.object({
      names: z.array(z.string()),
      action: z.string(),
      errnoRet: z.number().int().nullish(),
      args: z
        .array(
          z.object({
            index: z.number().int(),
            value: z.number(),
            valueTwo: z.number().nullish(),
            op: z.string(),
          }),
        )
        .nullish(),
      includes: Condition.nullish(),
      excludes: Condition.nullish(),
    }),
  ),
})
export type SeccompProfile = z.infer<typeof Profile>

/** Where Debian's golang-github-containers-common and the other distributions put the default profile. */
export const seccompProfilePath = '/usr/share/containers/seccomp.json'

/** Node's `process.arch` to the kernel's names, with those of older programs that run there too, and to the name that profiles use in `arches`. */
const architectures: Readonly<Record<string, { native: string; profile: string; others?: readonly string[] }>> = {
  x64: { native: 'SCMP_ARCH_X86_64', profile: 'amd64', others: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] },
  arm64: { native: 'SCMP_ARCH_AARCH64', profile: 'arm64', others: ['SCMP_ARCH_ARM'] },
  arm: { native: 'SCMP_ARCH_ARM', profile: 'arm' },
  s390x: { native: 'SCMP_ARCH_S390X', profile: 's390x' },
  ppc64: { native: 'SCMP_ARCH_PPC64LE', profile: 'ppc64le' },
  riscv64: { native: 'SCMP_ARCH_RISCV64', profile: 'riscv64' },
}

/** Reads a profile's text. Throws UNAVAILABLE where it is not one: a broken profile must never mean "unconfined". */
export function parseSeccompProfile(text: string): SeccompProfile {
  try {
    return Profile.parse(JSON.parse(text))
  } catch (error) {
    throw fail(
      'runtime.badSeccomp',
      {},
      { detail: error instanceof Error ? error.message : String(error), cause: error },
    )
  }
}

/** The refusal where there is no profile at all. */
export function missingSeccompProfile(): FlotillaError {
  return fail('runtime.noSeccomp', { path: seccompProfilePath })
}

/** Everything that a machine runs, by the kernel's names: a filter ends programs of an architecture that it does not name. */
export function seccompArchitectures(arch: string): string[] {
  const names = architectures[arch]
  if (names === undefined) throw fail('runtime.seccompArchitecture', { architecture: arch })
  return [names.native, ...(names.others ?? [])]
}

/**
 * Translates a profile into runtime-spec form (config-linux.md, "Seccomp") for one machine and one set of capabilities:
 * rules whose conditions do not hold are left out, as containers/common does it. Without CAP_SYS_ADMIN calls for namespaces and
 * mounts are refused as Docker's default profile refuses them, whatever the profile says.
 */
export function translateSeccomp(
  profile: SeccompProfile,
  target: { arch: string; kernelVersion: string; capabilities: readonly string[] },
): RuntimeSeccomp {
  const names = architectures[target.arch]
  if (names === undefined) {
    throw fail('runtime.seccompArchitecture', { architecture: target.arch })
  }
  const mapped = profile.archMap?.find((entry) => entry.architecture === names.native)
  const syscalls: RuntimeSyscallRule[] = []
  for (const rule of profile.syscalls) {
    const { includes, excludes } = rule
    if (excludes?.arches?.includes(names.profile) === true) continue
    if (excludes?.caps?.some((name) => target.capabilities.includes(name)) === true) continue
    if (excludes?.minKernel && isAtLeast(target.kernelVersion, excludes.minKernel)) continue
    if (includes?.arches && includes.arches.length > 0 && !includes.arches.includes(names.profile)) continue
    if (includes?.caps?.every((name) => target.capabilities.includes(name)) === false) continue
    if (includes?.minKernel && !isAtLeast(target.kernelVersion, includes.minKernel)) continue
    syscalls.push({
      names: rule.names,
      action: rule.action,
      ...(typeof rule.errnoRet !== 'number' ? {} : { errnoRet: rule.errnoRet }),
      ...(!rule.args || rule.args.length === 0
        ? {}
        : {
            args: rule.args.map(({ valueTwo, ...arg }) => (typeof valueTwo !== 'number' ? arg : { ...arg, valueTwo })),
          }),
    })
  }
  return {
    defaultAction: profile.defaultAction,
    ...(typeof profile.defaultErrnoRet !== 'number' ? {} : { defaultErrnoRet: profile.defaultErrnoRet }),
    architectures: [names.native, ...(mapped?.subArchitectures ?? [])],
    syscalls: target.capabilities.includes('CAP_SYS_ADMIN')
      ? syscalls
      : withoutNamespaces(syscalls, { profileArch: names.profile, capabilities: target.capabilities }),
  }
}
