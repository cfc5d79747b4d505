import type { ContainerSpecInput } from '@flotilla/protocol'
import { parseBytes } from '../../format/bytes.ts'
import type { DeviceDraft, Draft, FieldName, MountDraft, NetworkDraft, Pair, PortDraft } from './draft.ts'
import { splitWords } from '../../format/shell-words.ts'

/** Why a field cannot be sent, as a word that the page translates. */
export type Problem =
  | 'required'
  | 'whose'
  | 'whichNetwork'
  | 'quote'
  | 'escape'
  | 'size'
  | 'mode'
  | 'number'
  | 'port'
  | 'path'
  | 'name'
  | 'duplicate'

export interface Checked {
  spec: ContainerSpecInput
  problems: Partial<Record<FieldName, Problem>>
}

/**
 * The form as the protocol's create. What makes no sense is left out of the spec and named in `problems`; the server judges
 * the rest. Empty rows are no rows.
 */
export function toSpec(draft: Draft): Checked {
  const problems: Checked['problems'] = {}
  const image = draft.image.trim()
  if (image === '') problems.image = 'required'
  const words = (field: 'command' | 'entrypoint'): string[] | undefined => {
    const split = splitWords(draft[field])
    if (!split.ok) problems[field] = split.problem
    return split.ok && split.words.length > 0 ? split.words : undefined
  }
  const number = (field: 'cpus' | 'pids' | 'stopTimeout' | 'maximumRetries', whole: boolean): number | undefined => {
    const text = draft[field].trim()
    if (text === '') return undefined
    const value = Number(text)
    if (Number.isFinite(value) && value >= 0 && (!whole || Number.isInteger(value))) return value
    problems[field] = 'number'
    return undefined
  }
  const bytes = (field: 'memory' | 'storage'): number | undefined => {
    const value = draft[field].trim() === '' ? undefined : parseBytes(draft[field])
    if (value === null) problems[field] = 'size'
    return value ?? undefined
  }
  if (draft.name.trim() !== '' && !/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/.test(draft.name.trim())) problems.name = 'name'
  const retries = draft.restart === 'on-failure' ? number('maximumRetries', true) : undefined
  const spec = withoutUndefined({
    image,
    name: text(draft.name),
    command: words('command'),
    entrypoint: words('entrypoint'),
    env: pairs(draft.env, 'env', problems),
    user: text(draft.user),
    workingDir: path(draft.workingDir, 'workingDir', problems),
    hostname: text(draft.hostname),
    tty: draft.tty || undefined,
    memoryBytes: bytes('memory'),
    cpus: number('cpus', false),
    pidsLimit: number('pids', true),
    storageBytes: bytes('storage'),
    readOnlyRoot: draft.readOnlyRoot || undefined,
    capAdd: capabilities(draft.capAdd),
    capDrop: capabilities(draft.capDrop),
    seccomp: draft.seccomp === 'default' ? undefined : draft.seccomp,
    maskedPaths: draft.maskedPaths === 'default' ? undefined : draft.maskedPaths,
    mounts: mounts(draft, problems),
    devices: devices(draft, problems),
    labels: pairs(draft.labels, 'labels', problems),
    network: networkMode(draft, problems),
    networks: draft.network === 'bridge' ? networks(draft, problems) : undefined,
    pidNamespace: draft.pidNamespace === 'private' ? undefined : draft.pidNamespace,
    ipcNamespace: draft.ipcNamespace === 'private' ? undefined : draft.ipcNamespace,
    utsNamespace: draft.utsNamespace === 'private' ? undefined : draft.utsNamespace,
    ports: draft.network === 'bridge' ? ports(draft, problems) : undefined,
    publishAllPorts: (draft.network === 'bridge' && draft.publishAllPorts) || undefined,
    restart: draft.restart === 'no' ? undefined : { policy: draft.restart, maximumRetries: retries ?? 0 },
    stopSignal: text(draft.stopSignal),
    stopTimeoutSeconds: number('stopTimeout', true),
  })
  return { spec, problems }
}

type Filled<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

function withoutUndefined<T extends object>(value: T): Filled<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Filled<T>
}

function text(value: string): string | undefined {
  const trimmed = value.trim()
  return trimmed === '' ? undefined : trimmed
}

function path(value: string, field: FieldName, problems: Checked['problems']): string | undefined {
  const trimmed = text(value)
  if (trimmed !== undefined && !trimmed.startsWith('/')) problems[field] = 'path'
  return trimmed
}

function pairs(
  list: readonly Pair[],
  field: 'env' | 'labels',
  problems: Checked['problems'],
): Record<string, string> | undefined {
  const result = new Map<string, string>()
  for (const { name, value } of list) {
    const key = name.trim()
    if (key === '' && value === '') continue
    if (key === '' || (field === 'env' && key.includes('='))) problems[field] = 'name'
    else if (result.has(key)) problems[field] = 'duplicate'
    else result.set(key, value)
  }
  return result.size === 0 ? undefined : Object.fromEntries(result)
}

/** `NET_ADMIN, cap_sys_time` as the protocol writes them. */
function capabilities(value: string): string[] | undefined {
  const names = value
    .split(/[\s,]+/)
    .filter((name) => name !== '')
    .map((name) => name.toUpperCase())
  return names.length === 0 ? undefined : [...new Set(names)]
}

function ports(draft: Draft, problems: Checked['problems']): ContainerSpecInput['ports'] {
  const list = draft.ports.flatMap((port) => {
    const containerPort = port.containerPort.trim()
    const hostPort = port.hostPort.trim()
    if (!isFilled(port)) return []
    const inside = portNumber(containerPort === '' ? hostPort : containerPort)
    const outside = hostPort === '' ? 0 : portNumber(hostPort)
    if (inside === null || outside === null) {
      problems.ports = 'port'
      return []
    }
    const hostIp = text(port.hostIp.replace(/^\s*\[(.*)\]\s*$/, '$1'))
    return [
      {
        containerPort: inside,
        hostPort: outside,
        protocol: port.protocol,
        ...(hostIp === undefined ? {} : { hostIp }),
      },
    ]
  })
  return list.length === 0 ? undefined : list
}

function portNumber(value: string): number | null {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : 0
  return port >= 1 && port <= 65_535 ? port : null
}

function mounts(draft: Draft, problems: Checked['problems']): ContainerSpecInput['mounts'] {
  const list = draft.mounts.flatMap((mount): NonNullable<ContainerSpecInput['mounts']> => {
    const [source, target] = [mount.source.trim(), mount.target.trim()]
    if (!isFilled(mount)) return []
    if (!target.startsWith('/') || (mount.type === 'bind' && !source.startsWith('/'))) {
      problems.mounts = 'path'
      return []
    }
    const readOnly = mount.readOnly ? { readOnly: true } : {}
    if (mount.type === 'bind') return [{ type: 'bind', source, target, ...readOnly }]
    if (mount.type === 'volume') return [volumeMount(mount, problems)]
    return [{ ...memoryMount(mount, problems), ...readOnly }]
  })
  return list.length === 0 ? undefined : list
}

function memoryMount(mount: MountDraft, problems: Checked['problems']) {
  const sizeBytes = mount.size.trim() === '' ? undefined : parseBytes(mount.size)
  if (sizeBytes === null) problems.mounts = 'size'
  const mode = text(mount.mode)
  if (mode !== undefined && !/^0?[0-7]{3,4}$/.test(mode)) problems.mounts = 'mode'
  return withoutUndefined({
    type: 'tmpfs' as const,
    target: mount.target.trim(),
    sizeBytes: sizeBytes ?? undefined,
    mode,
  })
}

function volumeMount(mount: MountDraft, problems: Checked['problems']) {
  const source = text(mount.source)
  if (source !== undefined && !/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/.test(source)) problems.mounts = 'name'
  return withoutUndefined({
    type: 'volume' as const,
    source,
    target: mount.target.trim(),
    readOnly: mount.readOnly || undefined,
    subPath: text(mount.subPath),
    noCopy: mount.noCopy || undefined,
  })
}

function networkMode(draft: Draft, problems: Checked['problems']): ContainerSpecInput['network'] {
  if (draft.network !== 'container') return draft.network === 'bridge' ? undefined : draft.network
  const owner = draft.sharedWith.trim()
  if (owner === '') problems.sharedWith = 'whose'
  else if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/.test(owner)) problems.sharedWith = 'name'
  return `container:${owner}`
}

function networks(draft: Draft, problems: Checked['problems']): ContainerSpecInput['networks'] {
  const list = draft.networks.filter(isFilled).flatMap((row) => {
    const network = row.network.trim()
    if (network === '') {
      problems.networks = 'whichNetwork'
      return []
    }
    const aliases = row.aliases.split(/[\s,]+/).filter((alias) => alias !== '')
    const own = { aliases: aliases.length === 0 ? undefined : aliases, ipv4: text(row.ipv4), ipv6: text(row.ipv6) }
    return [{ network, ...withoutUndefined(own) }]
  })
  return list.length === 0 ? undefined : list
}

function devices(draft: Draft, problems: Checked['problems']): ContainerSpecInput['devices'] {
  const list = draft.devices.flatMap((device) => {
    const hostPath = device.hostPath.trim()
    const containerPath = device.containerPath.trim() === '' ? hostPath : device.containerPath.trim()
    if (!isFilled(device)) return []
    if (!hostPath.startsWith('/') || !containerPath.startsWith('/')) {
      problems.devices = 'path'
      return []
    }
    return [{ hostPath, containerPath, permissions: device.permissions }]
  })
  return list.length === 0 ? undefined : list
}

type RowDraft = PortDraft | MountDraft | DeviceDraft | NetworkDraft

/** Whether anything was typed into a row; one that was only added is not sent. */
function isFilled(row: RowDraft): boolean {
  if ('hostPort' in row) return [row.hostIp, row.hostPort, row.containerPort].some(isTyped)
  if ('hostPath' in row) return [row.hostPath, row.containerPath].some(isTyped)
  if ('network' in row) return [row.network, row.aliases, row.ipv4, row.ipv6].some(isTyped)
  return [row.source, row.target, row.subPath].some(isTyped)
}

function isTyped(value: string): boolean {
  return value.trim() !== ''
}

export type RowField = 'ports' | 'mounts' | 'devices' | 'networks'

/** The keys of the rows of a field as they are sent, in order. */
export function sentRows(draft: Draft, field: RowField): string[] {
  const rows: readonly RowDraft[] = draft[field]
  return rows.filter(isFilled).map(({ key }) => key)
}
