import type { ContainerSpecInput } from '@flotilla/protocol'
import { dockerBytes } from '../../format/bytes.ts'
import { quoteWord } from '../../format/shell-words.ts'

/**
 * The `docker run` line that would make the same container, as groups of words that belong together: `--publish 80:80`.
 * Nothing in it is quoted yet.
 */
export function dockerRunWords(spec: ContainerSpecInput): string[][] {
  const entrypoint = spec.entrypoint ?? []
  const [program, ...rest] = entrypoint
  return [
    ['docker', 'run', '--detach'],
    ...options(spec),
    ...(program === undefined ? [] : [['--entrypoint', program]]),
    [spec.image],
    ...[...rest, ...(spec.command ?? [])].map((word) => [word]),
  ]
}

/** The same as text for a POSIX shell; `multiline` puts each option on a line of its own. */
export function dockerRunLine(spec: ContainerSpecInput, multiline = false): string {
  const groups = dockerRunWords(spec).map((group) => group.map(quoteWord).join(' '))
  if (!multiline) return groups.join(' ')
  const first = groups.findIndex((group, index) => index > 0 && !group.startsWith('--'))
  const lines = [...groups.slice(0, first), groups.slice(first).join(' ')]
  return lines.join(' \\\n  ')
}

function options(spec: ContainerSpecInput): string[][] {
  const flag = (name: string, value: string | number | undefined): string[][] =>
    value === undefined || value === '' ? [] : [[`--${name}`, String(value)]]
  return [
    ...flag('name', spec.name),
    ...(spec.tty === true ? [['--tty']] : []),
    ...(spec.ports ?? []).map((port) => ['--publish', publish(port)]),
    ...(spec.publishAllPorts === true ? [['--publish-all']] : []),
    ...Object.entries(spec.env ?? {}).map(([name, value]) => ['--env', `${name}=${value}`]),
    ...(spec.mounts ?? []).map((mount) => ['--mount', mountOption(mount)]),
    ...(spec.network === undefined || spec.network === 'bridge' ? networks(spec) : flag('network', spec.network)),
    ...flag('hostname', spec.hostname),
    ...flag('user', spec.user),
    ...flag('workdir', spec.workingDir),
    ...flag('memory', spec.memoryBytes === undefined ? undefined : dockerBytes(spec.memoryBytes)),
    ...flag('cpus', spec.cpus),
    ...flag('pids-limit', spec.pidsLimit),
    ...flag('storage-opt', spec.storageBytes === undefined ? undefined : `size=${dockerBytes(spec.storageBytes)}`),
    ...flag('restart', restart(spec.restart)),
    ...(spec.readOnlyRoot === true ? [['--read-only']] : []),
    ...(spec.capAdd ?? []).map((name) => ['--cap-add', name]),
    ...(spec.capDrop ?? []).map((name) => ['--cap-drop', name]),
    ...(spec.seccomp === 'unconfined' ? [['--security-opt', 'seccomp=unconfined']] : []),
    ...(spec.maskedPaths === 'none' ? [['--security-opt', 'systempaths=unconfined']] : []),
    ...(spec.pidNamespace === 'host' ? [['--pid', 'host']] : []),
    ...(spec.ipcNamespace === 'host' ? [['--ipc', 'host']] : []),
    ...(spec.utsNamespace === 'host' ? [['--uts', 'host']] : []),
    ...(spec.devices ?? []).map((device) => [
      '--device',
      [device.hostPath, device.containerPath, device.permissions ?? 'rwm'].join(':'),
    ]),
    ...Object.entries(spec.labels ?? {}).map(([name, value]) => ['--label', value === '' ? name : `${name}=${value}`]),
    ...flag('stop-signal', spec.stopSignal),
    ...flag('stop-timeout', spec.stopTimeoutSeconds),
  ]
}

/** `127.0.0.1:8080:80/udp`, and `80` alone for a free port of the host. */
function publish(port: NonNullable<ContainerSpecInput['ports']>[number]): string {
  const inside = port.protocol === 'udp' ? `${port.containerPort}/udp` : String(port.containerPort)
  const outside = port.hostPort === undefined || port.hostPort === 0 ? '' : String(port.hostPort)
  if (port.hostIp !== undefined && port.hostIp !== '') {
    return `${port.hostIp.includes(':') ? `[${port.hostIp}]` : port.hostIp}:${outside}:${inside}`
  }
  return outside === '' ? inside : `${outside}:${inside}`
}

/** One network has options of its own; beside others each says its own in one value. */
function networks({ networks: list = [] }: ContainerSpecInput): string[][] {
  if (list.length === 1) {
    return list.flatMap(({ network, aliases = [], ipv4, ipv6 }) => [
      ['--network', network],
      ...aliases.map((alias) => ['--network-alias', alias]),
      ...(ipv4 === undefined ? [] : [['--ip', ipv4]]),
      ...(ipv6 === undefined ? [] : [['--ip6', ipv6]]),
    ])
  }
  return list.map(({ network, aliases = [], ipv4, ipv6 }) => {
    const own = [
      ...aliases.map((alias) => `alias=${alias}`),
      ...(ipv4 === undefined ? [] : [`ip=${ipv4}`]),
      ...(ipv6 === undefined ? [] : [`ip6=${ipv6}`]),
    ]
    return ['--network', own.length === 0 ? network : [`name=${network}`, ...own].join(',')]
  })
}

/** Docker reads the value of `--mount` as CSV: a field that holds a comma or a quote is quoted, quotes doubled. */
function mountOption(mount: NonNullable<ContainerSpecInput['mounts']>[number]): string {
  const fields = [`type=${mount.type}`]
  if (mount.type !== 'tmpfs' && mount.source !== undefined) fields.push(`source=${mount.source}`)
  fields.push(`target=${mount.target}`)
  if (mount.readOnly === true) fields.push('readonly')
  if (mount.type === 'tmpfs' && mount.sizeBytes !== undefined) fields.push(`tmpfs-size=${dockerBytes(mount.sizeBytes)}`)
  if (mount.type === 'tmpfs' && mount.mode !== undefined) fields.push(`tmpfs-mode=${mount.mode}`)
  if (mount.type === 'volume' && mount.subPath !== undefined) fields.push(`volume-subpath=${mount.subPath}`)
  if (mount.type === 'volume' && mount.noCopy === true) fields.push('volume-nocopy')
  return fields.map((field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')
}

function restart(policy: ContainerSpecInput['restart']): string | undefined {
  if (policy === undefined || policy.policy === undefined || policy.policy === 'no') return undefined
  const retries = policy.maximumRetries ?? 0
  return policy.policy === 'on-failure' && retries > 0 ? `on-failure:${retries}` : policy.policy
}
