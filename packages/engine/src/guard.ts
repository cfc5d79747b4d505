import { type Container, ContainerSpec, type EngineOption, FlotillaError, LogsInput } from '@flotilla/protocol'
import { absenceOf } from './capabilities.ts'
import type { Engine } from './engine.ts'

/**
 * Throws UNSUPPORTED, with the reason, where the engine lacks the method or an option that this input uses.
 * The input is the parsed one.
 */
export function guard(engine: Engine, method: string, input: unknown): void {
  refuse(engine, method)
  for (const option of usedOptions(method, input)) refuse(engine, option)
}

/** Throws UNSUPPORTED where this one object lacks what its engine has. */
export function guardObject(container: Pick<Container, 'name' | 'limitations'>, method: string): void {
  const limitations = container.limitations ?? {}
  if (!Object.hasOwn(limitations, method)) return
  throw new FlotillaError('UNSUPPORTED', `${container.name} does not allow this: ${limitations[method]}`)
}

function refuse(engine: Engine, name: string): void {
  const reason = absenceOf(engine, name)
  if (reason !== undefined) throw new FlotillaError('UNSUPPORTED', reason, { detail: `${engine.id} lacks ${name}` })
}

/** The named options that an input makes use of. */
export function usedOptions(method: string, input: unknown): EngineOption[] {
  if (method === 'containers.create') return usedByCreate(ContainerSpec.parse(input))
  if (method === 'containers.logs' && LogsInput.parse(input).since !== undefined) return ['containers.logs.since']
  return []
}

function usedByCreate(spec: ContainerSpec): EngineOption[] {
  const used: Record<string, boolean> = {
    'containers.create.pull': spec.pull !== 'never',
    'containers.create.devices': spec.devices.length > 0,
    'containers.create.capabilities': spec.capAdd.length + spec.capDrop.length > 0,
    'containers.create.seccomp': spec.seccomp !== 'default',
    'containers.create.maskedPaths': spec.maskedPaths !== 'default',
    'containers.create.mounts.bind': spec.mounts.some((mount) => mount.type === 'bind'),
    'containers.create.mounts.tmpfs': spec.mounts.some((mount) => mount.type === 'tmpfs'),
    'containers.create.network.bridge': spec.network === 'bridge',
    'containers.create.network.host': spec.network === 'host',
    'containers.create.ports': spec.ports.length > 0 || spec.publishAllPorts,
    'containers.create.hostNamespaces': [spec.pidNamespace, spec.ipcNamespace, spec.utsNamespace].includes('host'),
    'containers.create.memoryLimit': spec.memoryBytes !== undefined,
    'containers.create.cpuLimit': spec.cpus !== undefined,
    'containers.create.pidsLimit': spec.pidsLimit !== undefined,
    'containers.create.restart': spec.restart.policy !== 'no',
  } satisfies Record<Extract<EngineOption, `containers.create.${string}`>, boolean>
  return Object.keys(used).filter((option) => used[option] === true) as EngineOption[]
}
