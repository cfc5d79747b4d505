import type { EngineIdentity } from '@flotilla/engine'
import { because, type Reason, type RuntimeInfo } from '@flotilla/protocol'
import type { z } from 'zod'
import type { InfoAnswer, VersionAnswer } from './docker-answers.ts'

/** The oldest Docker Engine API that is spoken: Debian 12's engine, 20.10. */
const oldestApi = '1.41'
/** The newest whose answers are known here; a newer daemon is asked in this one, and has to offer it. */
const newestApi = '1.47'
const [kind, name] = ['docker', 'Docker Engine']

/** What a daemon's probe says. */
export interface DaemonFacts {
  identity: EngineIdentity
  absences: Readonly<Record<string, Reason>>
  /** `v1.41`; undefined where the daemon was not reached. */
  apiVersion: string | undefined
  /** Empty where it did not say. */
  kernelVersion: string
  /** Its own id, and the folder with all that it keeps; undefined where the daemon was not reached. */
  place: { id: string; root: string } | undefined
}

/** True of every daemon, whatever it answers. */
const always: Readonly<Record<string, Reason>> = {
  'exec.attach.survivesAgent': because('docker.sessionsEnd'),
  'containers.publish': because('docker.publishesAtCreate'),
  'containers.unpublish': because('docker.unpublishesAtRemoval'),
  'volumes.rename': because('docker.nameIsId'),
  'volumes.create.sizeLimit': because('docker.noSizeLimit'),
  'containers.create.mounts.subPath': because('docker.noSubPath'),
  'networks.create.withoutDns': because('docker.answersNames'),
  'containers.create.antiSpoofing': because('docker.noAntiSpoofing'),
}

export function unreachableFacts(id: string, reason: string): DaemonFacts {
  return {
    identity: unavailable(id, reason),
    absences: always,
    apiVersion: undefined,
    kernelVersion: '',
    place: undefined,
  }
}

export function factsOf(
  id: string,
  version: z.infer<typeof VersionAnswer>,
  info: z.infer<typeof InfoAnswer>,
): DaemonFacts {
  if (compareVersions(version.ApiVersion, oldestApi) < 0) {
    return refused(id, version, `Its API ${version.ApiVersion} is older than ${oldestApi}. Upgrade Docker Engine.`)
  }
  if (compareVersions(version.MinAPIVersion, newestApi) > 0) {
    return refused(id, version, `It speaks no API below ${version.MinAPIVersion}. Upgrade Flotilla's agent.`)
  }
  const api = compareVersions(version.ApiVersion, newestApi) > 0 ? newestApi : version.ApiVersion
  return {
    identity: {
      ...{ id, kind, name, state: 'ready' as const },
      version: version.Version,
      runtimes: runtimesOf(version, info),
      storageDriver: info.Driver,
    },
    absences: { ...always, ...kernelAbsences(info), ...storageAbsences(info) },
    apiVersion: `v${api}`,
    kernelVersion: info.KernelVersion,
    place: { id: info.ID, root: info.DockerRootDir },
  }
}

export function speaksAtLeast(facts: DaemonFacts, version: string): boolean {
  return facts.apiVersion !== undefined && compareVersions(facts.apiVersion.slice(1), version) >= 0
}

function refused(id: string, version: z.infer<typeof VersionAnswer>, reason: string): DaemonFacts {
  return { ...unreachableFacts(id, reason), identity: { ...unavailable(id, reason), version: version.Version } }
}

function unavailable(id: string, reason: string): EngineIdentity {
  return {
    ...{ id, kind, name, state: 'unavailable' as const, reason },
    ...{ version: null, runtimes: [], storageDriver: null },
  }
}

/** The daemon takes a limit that its kernel does not have and drops it with a warning: here it is refused. */
function kernelAbsences(info: z.infer<typeof InfoAnswer>): Record<string, Reason> {
  const limits = { memory: info.MemoryLimit, cpu: info.CpuCfsQuota, pids: info.PidsLimit }
  return Object.fromEntries(
    Object.entries(limits)
      .filter(([, there]) => !there)
      .map(([limit]) => [`containers.create.${limit}Limit`, because('docker.noKernelLimit', { limit })]),
  )
}

/** By what Docker's drivers say that they take; whether xfs was mounted with project quotas the daemon tells at the create. */
function storageAbsences(info: z.infer<typeof InfoAnswer>): Record<string, Reason> {
  const backing = info.DriverStatus?.find(([label]) => label === 'Backing Filesystem')?.[1] ?? ''
  const isLimiting = ['btrfs', 'zfs'].includes(info.Driver) || (info.Driver === 'overlay2' && backing === 'xfs')
  if (isLimiting) return {}
  const on = backing === '' ? info.Driver : `${info.Driver} on ${backing}`
  return { 'containers.create.storageLimit': because('docker.noStorageLimit', { driver: on }) }
}

function runtimesOf(version: z.infer<typeof VersionAnswer>, info: z.infer<typeof InfoAnswer>): RuntimeInfo[] {
  const runc = version.Components.find((component) => component.Name === 'runc')?.Version ?? null
  return Object.entries(info.Runtimes ?? {}).map(([name, runtime]) => ({
    ...{ name, path: runtime.path, usable: true, isDefault: name === info.DefaultRuntime },
    version: /^(runc|io\.containerd\.runc\.v2|io\.containerd\.runtime\.v1\.linux)$/.test(name) ? runc : null,
  }))
}

function compareVersions(left: string, right: string): number {
  const [leftParts, rightParts] = [left, right].map((version) => version.split('.').map(Number))
  const major = (leftParts?.[0] ?? 0) - (rightParts?.[0] ?? 0)
  return major === 0 ? (leftParts?.[1] ?? 0) - (rightParts?.[1] ?? 0) : major
}
