import type { ErrorField } from '@flotilla/protocol'
import type { Draft, FieldName } from './draft.ts'
import { type RowField, sentRows } from './to-spec.ts'

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
  storageBytes: 'storage',
  readOnlyRoot: 'readOnlyRoot',
  capAdd: 'capAdd',
  capDrop: 'capDrop',
  seccomp: 'seccomp',
  maskedPaths: 'maskedPaths',
  mounts: 'mounts',
  devices: 'devices',
  labels: 'labels',
  network: 'network',
  networks: 'networks',
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

/** A place in the form: a field, and where that is a list the row and the part of the row, as far as they are known. */
export interface Spot {
  field: FieldName
  row: string | null
  part: string | null
}

const rowFields: readonly RowField[] = ['ports', 'mounts', 'devices', 'networks']

/** The same to the row, for what was sent from this draft: `networks.1.ipv4` is the second row that was filled. */
export function formSpot(field: ErrorField | undefined, draft: Draft): Spot | null {
  const place = formField(field)
  if (place === null) return null
  if (place === 'network' && draft.network === 'container') return { field: 'sharedWith', row: null, part: null }
  const [, at, part] = field ?? []
  const list = rowFields.find((each) => each === place)
  const row = list === undefined || typeof at !== 'number' ? undefined : sentRows(draft, list)[at]
  return { field: place, row: row ?? null, part: row === undefined || typeof part !== 'string' ? null : part }
}
