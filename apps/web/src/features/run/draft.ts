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
  type: 'bind' | 'tmpfs'
  source: string
  target: string
  size: string
  readOnly: boolean
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
  readOnlyRoot: boolean
  capAdd: string
  capDrop: string
  seccomp: NonNullable<ContainerSpecInput['seccomp']>
  maskedPaths: NonNullable<ContainerSpecInput['maskedPaths']>
  mounts: MountDraft[]
  devices: DeviceDraft[]
  labels: Pair[]
  network: Exclude<NonNullable<ContainerSpecInput['network']>, `container:${string}`>
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
  readOnlyRoot: false,
  capAdd: '',
  capDrop: '',
  seccomp: 'default',
  maskedPaths: 'default',
  mounts: [],
  devices: [],
  labels: [],
  network: 'bridge',
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
  readOnly: false,
})
export const newDevice = (): DeviceDraft => ({ key: newKey(), hostPath: '', containerPath: '', permissions: 'rwm' })
