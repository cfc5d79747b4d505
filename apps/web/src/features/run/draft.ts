import type { ContainerSpecInput, PortMapping, RestartPolicy } from '@flotilla/protocol'

/** A name and a value as they stand in two boxes beside each other. */
export interface Pair {
  key: string
  name: string
  value: string
}

export interface PortDraft {
  key: string
  hostIp: string
  /** Empty: a free one is chosen. */
  hostPort: string
  containerPort: string
  protocol: PortMapping['protocol']
}

export interface MountDraft {
  key: string
  type: 'bind' | 'tmpfs' | 'volume'
  /** A folder of the host, or a volume's name; empty for a volume: one without a name. */
  source: string
  target: string
  /** Of memory alone, as is `mode`. */
  size: string
  /** In octal digits; empty: everybody may write. */
  mode: string
  readOnly: boolean
  /** Of a volume alone, as is `noCopy`. */
  subPath: string
  noCopy: boolean
}

/** A network of the host that the container is to be on. */
export interface NetworkDraft {
  key: string
  network: string
  /** Names with spaces or commas between. */
  aliases: string
  ipv4: string
  ipv6: string
}

export interface DeviceDraft {
  key: string
  hostPath: string
  containerPath: string
  permissions: string
}

export type Namespace = NonNullable<ContainerSpecInput['pidNamespace']>

/** The form as it stands: what was typed, whether it makes sense or not. */
export interface Draft {
  hostId: string
  engine: string
  image: string
  name: string
  command: string
  entrypoint: string
  env: Pair[]
  user: string
  workingDir: string
  hostname: string
  tty: boolean
  memory: string
  cpus: string
  pids: string
  storage: string
  readOnlyRoot: boolean
  capAdd: string
  capDrop: string
  seccomp: NonNullable<ContainerSpecInput['seccomp']>
  maskedPaths: NonNullable<ContainerSpecInput['maskedPaths']>
  mounts: MountDraft[]
  devices: DeviceDraft[]
  labels: Pair[]
  network: 'bridge' | 'host' | 'none' | 'container'
  /** Where `network` is `bridge`; none: the engine's default alone. */
  networks: NetworkDraft[]
  /** Whose network it shares where `network` is `container`. */
  sharedWith: string
  pidNamespace: Namespace
  ipcNamespace: Namespace
  utsNamespace: Namespace
  ports: PortDraft[]
  publishAllPorts: boolean
  restart: RestartPolicy['policy']
  maximumRetries: string
  stopSignal: string
  stopTimeout: string
}

/** A place in the form that an error can be tied to. */
export type FieldName = Exclude<keyof Draft, 'key'>

export const emptyDraft: Draft = {
  hostId: '',
  engine: '',
  image: '',
  name: '',
  command: '',
  entrypoint: '',
  env: [],
  user: '',
  workingDir: '',
  hostname: '',
  tty: false,
  memory: '',
  cpus: '',
  pids: '',
  storage: '',
  readOnlyRoot: false,
  capAdd: '',
  capDrop: '',
  seccomp: 'default',
  maskedPaths: 'default',
  mounts: [],
  devices: [],
  labels: [],
  network: 'bridge',
  networks: [],
  sharedWith: '',
  pidNamespace: 'private',
  ipcNamespace: 'private',
  utsNamespace: 'private',
  ports: [],
  publishAllPorts: false,
  restart: 'no',
  maximumRetries: '',
  stopSignal: '',
  stopTimeout: '',
}

let lastKey = 0

/** A key for a row that may move. */
export function newKey(): string {
  lastKey += 1
  return `row-${lastKey}`
}

export const newPort = (containerPort = '', hostPort = ''): PortDraft => ({
  key: newKey(),
  hostIp: '',
  hostPort,
  containerPort,
  protocol: 'tcp',
})
export const newPair = (name = '', value = ''): Pair => ({ key: newKey(), name, value })
export const newMount = (type: MountDraft['type']): MountDraft => ({
  key: newKey(),
  type,
  source: '',
  target: '',
  size: '',
  mode: '',
  readOnly: false,
  subPath: '',
  noCopy: false,
})
export const newNetwork = (network = ''): NetworkDraft => ({
  key: newKey(),
  network,
  aliases: '',
  ipv4: '',
  ipv6: '',
})
export const newDevice = (): DeviceDraft => ({ key: newKey(), hostPath: '', containerPath: '', permissions: 'rwm' })
