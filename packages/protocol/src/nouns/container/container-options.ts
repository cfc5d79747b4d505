import type { ContainerSpec } from './container.ts'

/** What a create may make use of and an engine may lack; each absence carries a reason as a method's does. */
const usedByCreate = {
  pull: (spec) => spec.pull !== 'never',
  devices: (spec) => spec.devices.length > 0,
  capabilities: (spec) => spec.capAdd.length + spec.capDrop.length > 0,
  seccomp: (spec) => spec.seccomp !== 'default',
  maskedPaths: (spec) => spec.maskedPaths !== 'default',
  'mounts.bind': (spec) => spec.mounts.some((mount) => mount.type === 'bind'),
  'mounts.tmpfs': (spec) => spec.mounts.some((mount) => mount.type === 'tmpfs'),
  'mounts.volume': (spec) => spec.mounts.some((mount) => mount.type === 'volume'),
  'network.bridge': (spec) => spec.network === 'bridge',
  networks: (spec) => spec.networks !== undefined,
  'network.host': (spec) => spec.network === 'host',
  ports: (spec) => spec.ports.length > 0 || spec.publishAllPorts,
  hostNamespaces: (spec) => [spec.pidNamespace, spec.ipcNamespace, spec.utsNamespace].includes('host'),
  memoryLimit: (spec) => spec.memoryBytes !== undefined,
  cpuLimit: (spec) => spec.cpus !== undefined,
  pidsLimit: (spec) => spec.pidsLimit !== undefined,
  restart: (spec) => spec.restart.policy !== 'no',
} satisfies Record<string, (spec: ContainerSpec) => boolean>

type CreateOption = `containers.create.${keyof typeof usedByCreate}`

export const containerOptions = [
  ...Object.keys(usedByCreate).map((name) => `containers.create.${name}` as CreateOption),
  'containers.logs.since',
] as const

/** The options that a create makes use of. */
export function optionsOfCreate(spec: ContainerSpec): CreateOption[] {
  const used = Object.entries(usedByCreate).filter(([, uses]) => uses(spec))
  return used.map(([name]) => `containers.create.${name}` as CreateOption)
}
