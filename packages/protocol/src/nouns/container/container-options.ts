import type { ContainerSpec, Mount } from './container.ts'
import type { ErrorField } from '../../errors/index.ts'
import { volumeKind } from '../volume/volume-kind.ts'

type Field = [keyof ContainerSpec, ...(string | number)[]]

/** The first of these fields that is true of a spec. */
function firstOf(fields: Partial<Record<keyof ContainerSpec, boolean>>): Field | undefined {
  const found = Object.entries(fields).find(([, used]) => used)
  return found && [found[0] as keyof ContainerSpec]
}

function mountOf({ mounts }: ContainerSpec, used: (mount: Mount) => boolean): Field | undefined {
  const at = mounts.findIndex(used)
  return at < 0 ? undefined : ['mounts', at]
}

const isSet = (value: unknown): boolean => value !== undefined

/**
 * What a create may make use of and an engine may lack; each absence carries a reason as a method's does. Each says where in
 * the create it is made use of, or undefined where it is not.
 */
const usedByCreate = {
  pull: ({ pull }) => firstOf({ pull: pull !== 'never' }),
  devices: ({ devices }) => firstOf({ devices: devices.length > 0 }),
  capabilities: ({ capAdd, capDrop }) => firstOf({ capAdd: capAdd.length > 0, capDrop: capDrop.length > 0 }),
  seccomp: ({ seccomp }) => firstOf({ seccomp: seccomp !== 'default' }),
  maskedPaths: ({ maskedPaths }) => firstOf({ maskedPaths: maskedPaths !== 'default' }),
  'mounts.bind': (spec) => mountOf(spec, ({ type }) => type === 'bind'),
  'mounts.tmpfs': (spec) => mountOf(spec, ({ type }) => type === 'tmpfs'),
  'mounts.volume': (spec) => mountOf(spec, ({ type }) => type === volumeKind),
  'mounts.subPath': (spec) => mountOf(spec, (mount) => mount.type === volumeKind && isSet(mount.subPath)),
  // Asked for by nobody: where it is lacking, a container runs without.
  antiSpoofing: () => undefined,
  'network.bridge': ({ network }) => firstOf({ network: network === 'bridge' }),
  networks: ({ networks }) => firstOf({ networks: isSet(networks) }),
  'network.host': ({ network }) => firstOf({ network: network === 'host' }),
  ports: ({ ports, publishAllPorts }) => firstOf({ ports: ports.length > 0, publishAllPorts }),
  hostNamespaces: ({ pidNamespace, ipcNamespace, utsNamespace }) =>
    firstOf({
      pidNamespace: pidNamespace === 'host',
      ipcNamespace: ipcNamespace === 'host',
      utsNamespace: utsNamespace === 'host',
    }),
  memoryLimit: ({ memoryBytes }) => firstOf({ memoryBytes: isSet(memoryBytes) }),
  cpuLimit: ({ cpus }) => firstOf({ cpus: isSet(cpus) }),
  pidsLimit: ({ pidsLimit }) => firstOf({ pidsLimit: isSet(pidsLimit) }),
  storageLimit: ({ storageBytes }) => firstOf({ storageBytes: isSet(storageBytes) }),
  restart: ({ restart }) => firstOf({ restart: restart.policy !== 'no' }),
} satisfies Record<string, (spec: ContainerSpec) => Field | undefined>

const prefix = 'containers.create.'
type CreateOption = `${typeof prefix}${keyof typeof usedByCreate}`

export const containerOptions = [
  ...Object.keys(usedByCreate).map((name) => `${prefix}${name}` as CreateOption),
  'containers.logs.since',
] as const

/** The options that a create makes use of. */
export function optionsOfCreate(spec: ContainerSpec): CreateOption[] {
  return Object.entries(usedByCreate).flatMap(([name, fieldIn]) =>
    fieldIn(spec) === undefined ? [] : [`${prefix}${name}` as CreateOption],
  )
}

/** Where in a create an option of it stands, for a failure that is about it. */
export function fieldOfCreateOption(option: string, spec: ContainerSpec): ErrorField | undefined {
  const name = option.slice(prefix.length)
  return Object.entries(usedByCreate).find(([one]) => one === name)?.[1](spec)
}
