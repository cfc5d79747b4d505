import type { ErrorField } from '@flotilla/protocol'
import type { FieldName } from './draft.ts'

/** The fields of a create, and their places in the form. */
const places: Record<string, FieldName> = {
  name: 'name',
  image: 'image',
  command: 'command',
  entrypoint: 'entrypoint',
  env: 'env',
  user: 'user',
  workingDir: 'workingDir',
  hostname: 'hostname',
  memoryBytes: 'memory',
  cpus: 'cpus',
  pidsLimit: 'pids',
  readOnlyRoot: 'readOnlyRoot',
  capAdd: 'capAdd',
  capDrop: 'capDrop',
  seccomp: 'seccomp',
  maskedPaths: 'maskedPaths',
  mounts: 'mounts',
  devices: 'devices',
  labels: 'labels',
  network: 'network',
  networks: 'network',
  pidNamespace: 'pidNamespace',
  ipcNamespace: 'ipcNamespace',
  utsNamespace: 'utsNamespace',
  ports: 'ports',
  publishAllPorts: 'publishAllPorts',
  restart: 'restart',
  stopSignal: 'stopSignal',
  stopTimeoutSeconds: 'stopTimeout',
  hostId: 'hostId',
  engine: 'engine',
}

/** The place in the form of the field that an error names; null where it names none that stands there. */
export function formField(field: ErrorField | undefined): FieldName | null {
  const [first] = field ?? []
  return typeof first === 'string' && Object.hasOwn(places, first) ? (places[first] ?? null) : null
}
