import { z } from 'zod'
import { canonicalAddress } from '../../address.ts'
import { mentioning, naming } from '../../fields-naming.ts'
import { FilePath } from '../../file.ts'
import { text } from '../../text.ts'
import { VolumeName } from '../volume/volume-name.ts'
import { mostPublishedPorts } from './exposed-ports.ts'
import { checkSpecSize } from './spec-size.ts'
import { imageKind } from '../image/image-kind.ts'
import { nodeKind } from '../node/node-kind.ts'
import { volumeKind } from '../volume/volume-kind.ts'
import { rule } from '../../errors/rule.ts'
import { Reason } from '../../reasons/reason.ts'

/** Docker's own rule for names, so that a name works on every engine. */
export const ContainerName = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/, rule('input.badName'))

/** What a container may be called from now on: nothing that reads like an id, by which another one is found. */
const NewContainerName = ContainerName.refine((name) => !/^[0-9a-f]{64}$/.test(name), rule('container.nameIsId'))

/** A native id, a unique prefix of it, or a name. */
export const ContainerRef = z.string().min(1).max(128)

export const ContainerState = z.enum(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'unknown'])
export type ContainerState = z.infer<typeof ContainerState>

/** In one spelling, however it was typed. */
export const HostAddress = z.union([z.ipv4(), z.ipv6().overwrite(canonicalAddress)])

export const PortMapping = z.object({
  containerPort: z.number().int().min(1).max(65535),
  /** Left out or 0 in a create: a free one is chosen. In an answer always the real one. */
  hostPort: z.number().int().min(0).max(65535).default(0),
  /** Empty: every address of both families. `0.0.0.0` and `::` are every address of one. */
  hostIp: z.union([HostAddress, z.literal('')]).default(''),
  protocol: z.enum(['tcp', 'udp']).default('tcp'),
})
export type PortMapping = z.infer<typeof PortMapping>

/** As somebody asks for it: what is sent to many at once is nobody's address, so that a port on it would lead nowhere. */
export const AskedPort = PortMapping.extend({
  hostIp: PortMapping.shape.hostIp.refine((address) => !isOfMany(address), rule('port.manyHosts')),
})

/** Multicast of either family (RFC 5771, RFC 4291), and the broadcast of IPv4 (RFC 919). */
function isOfMany(address: string): boolean {
  return /^(22[4-9]|23\d)\.|^ff[0-9a-f]{2}:|^255\.255\.255\.255$/.test(canonicalAddress(address))
}

/** A network's id, a unique prefix of it, or its name. `bridge` is the engine's default. */
export const NetworkRef = z.string().min(1).max(128)

/** What a container asks of a network beside being on it. */
export const NetworkAddresses = z.object({
  /** Names beside the container's own by which the others on this network find it. */
  aliases: z
    .array(z.string().regex(/^[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,61}[a-zA-Z0-9])?$/, rule('input.badHostName')))
    .max(50)
    .default([]),
  /** Fixed addresses; left out, free ones are given at each start. */
  ipv4: z.ipv4().optional(),
  ipv6: z
    .ipv6()
    .refine((address) => canonicalAddress(address).includes(':'), 'must be an address of IPv6')
    .overwrite(canonicalAddress)
    .optional(),
})

export const NetworkAttachment = NetworkAddresses.extend({ network: NetworkRef })
export type NetworkAttachment = z.infer<typeof NetworkAttachment>

/** `container:<reference>` shares another container's network. */
export const NetworkMode = z.union([
  z.enum(['bridge', 'host', 'none']),
  z.templateLiteral(['container:', z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/)]),
])
export type NetworkMode = z.infer<typeof NetworkMode>

export const AbsolutePath = text(4000).regex(/^\//, rule('input.noAbsolutePath'))

export const Mount = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('bind'),
    source: AbsolutePath,
    target: AbsolutePath,
    readOnly: z.boolean().default(false),
  }),
  z.object({
    type: z.literal('tmpfs'),
    target: AbsolutePath,
    sizeBytes: z.number().int().positive().optional(),
    /** Who may do what in it, as chmod(1) writes it; it does not take that of a folder that it is mounted over. */
    mode: z
      .string()
      .regex(/^0?[0-7]{3,4}$/)
      .default('1777'),
    readOnly: z.boolean().default(false),
  }),
  z.object({
    type: z.literal(volumeKind),
    /** A volume by name, made where there is none; left out: one without a name, for this container. */
    source: VolumeName.optional(),
    target: AbsolutePath,
    readOnly: z.boolean().default(false),
    /** Only this folder or file of the volume, which has to be there. */
    subPath: FilePath.optional(),
    /** Leaves an empty volume empty rather than filling it with what the image has at the target. */
    noCopy: z.boolean().default(false),
  }),
])
export type Mount = z.infer<typeof Mount>

export const RestartPolicy = z.object({
  policy: z.enum(['no', 'always', 'on-failure', 'unless-stopped']).default('no'),
  /** For `on-failure` only; 0: no limit. */
  maximumRetries: z.number().int().min(0).max(1000).default(0),
})
export type RestartPolicy = z.infer<typeof RestartPolicy>

export const Device = z.object({
  hostPath: AbsolutePath,
  containerPath: AbsolutePath,
  permissions: z
    .string()
    .regex(/^[rwm]{1,3}$/)
    .default('rwm'),
})
export type Device = z.infer<typeof Device>

export const EnvName = text(1000).regex(/^[^=]+$/, rule('input.badVariable'))
export const Argument = text(128 * 1024)
/** `name`, `uid`, `name:group`, `uid:gid`; names are looked up in the image. */
export const UserName = text(256)
const capability = z.string().regex(/^(CAP_)?[A-Z_]{2,40}$|^ALL$/, rule('input.badCapability'))

/** What a person asks a container to be. Everything left out comes from the image or a safe default. */
export const ContainerSpec = z.object({
  name: ContainerName.optional(),
  image: text(1000).min(1),
  /** `missing` pulls an image that is not on the host as part of the create. */
  pull: z.enum(['never', 'missing']).default('never'),
  /** Replaces the image's CMD. */
  command: z.array(Argument).max(1000).optional(),
  /** Replaces the image's ENTRYPOINT, and then its CMD is not used. */
  entrypoint: z.array(Argument).max(1000).optional(),
  env: z.record(EnvName, Argument).default({}),
  user: UserName.optional(),
  workingDir: AbsolutePath.optional(),
  hostname: z
    .string()
    .regex(/^[a-zA-Z0-9]([a-zA-Z0-9.-]{0,61}[a-zA-Z0-9])?$/)
    .optional(),
  tty: z.boolean().default(false),
  memoryBytes: z.number().int().positive().max(Number.MAX_SAFE_INTEGER).optional(),
  cpus: z.number().positive().max(4096).optional(),
  pidsLimit: z.number().int().positive().max(4194304).optional(),
  /** Most bytes of what it writes outside of its mounts; UNSUPPORTED, with the reason, where the file system holds no limit. */
  storageBytes: z
    .number()
    .int()
    .min(1024 ** 2)
    .max(Number.MAX_SAFE_INTEGER)
    .optional(),
  readOnlyRoot: z.boolean().default(false),
  capAdd: z.array(capability).max(64).default([]),
  capDrop: z.array(capability).max(64).default([]),
  seccomp: z.enum(['default', 'unconfined']).default('default'),
  /** `none` shows /proc and /sys unmasked. */
  maskedPaths: z.enum(['default', 'none']).default('default'),
  mounts: z.array(Mount).max(200).default([]),
  devices: z.array(Device).max(100).default([]),
  labels: z.record(text(1000).min(1), text(64 * 1024)).default({}),
  network: NetworkMode.default('bridge'),
  /** Which networks it is on where `network` is `bridge`, the way out first; left out, the engine's default alone. */
  networks: z.array(NetworkAttachment).max(32).optional(),
  pidNamespace: z.enum(['private', 'host']).default('private'),
  ipcNamespace: z.enum(['private', 'host']).default('private'),
  utsNamespace: z.enum(['private', 'host']).default('private'),
  ports: z.array(PortMapping).max(mostPublishedPorts).default([]),
  /** Publishes every port that the image exposes on a free host port, as `docker run -P` does. */
  publishAllPorts: z.boolean().default(false),
  restart: RestartPolicy.default({ policy: 'no', maximumRetries: 0 }),
  stopSignal: text(20).optional(),
  stopTimeoutSeconds: z.number().int().min(0).max(3600).default(10),
})
export type ContainerSpec = z.infer<typeof ContainerSpec>
/** A spec as somebody asks for it. */
export const ContainerCreateInput = ContainerSpec.extend({
  name: NewContainerName.optional(),
  ports: z.array(AskedPort).max(500).default([]),
}).superRefine(checkSpecSize)
export type ContainerSpecInput = z.input<typeof ContainerSpec>

/** One row of the list: cheap to make, small to send. */
export const Container = z.object({
  /** The engine's own id. */
  id: z.string().min(1).max(128),
  engine: z.string(),
  name: z.string(),
  image: naming(imageKind, z.string(), { idIn: 'imageId' }),
  imageId: z.string(),
  command: z.array(z.string()),
  state: ContainerState,
  /** Why the state is what it is where the word alone does not say: "killed by its own 256 MiB limit". */
  stateReason: mentioning(z.string(), { facts: 'stateReasonFacts' }).optional(),
  /** What that sentence is made of; left out where an older agent, or an older record of one, has the sentence alone. */
  stateReasonFacts: Reason.optional(),
  /** Null while it has not ended, and also where nobody saw the end: then `stateReason` says so. */
  exitCode: z.number().int().nullable(),
  oomKilled: z.boolean().default(false),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  /**
   * How often its restart policy has started it since anything else did: a person, or the owner of the network that it shares, with
   * whom it is started anew. Any such start makes it 0.
   */
  restartCount: z.number().int().nonnegative().default(0),
  ports: z.array(PortMapping),
  /**
   * Its own address on the network that is its way out; left out while it has none: it does not run, is on no network that gives
   * one, or shares the network of the host or of another container, whose address that is.
   */
  ipAddress: z.string().optional(),
  /** `bridge`: on the networks that its detail names, whatever their drivers; `none`: on none; else as in a create. */
  network: naming('container', z.string(), { after: 'container:' }),
  labels: z.record(z.string(), z.string()),
  tty: z.boolean(),
  memoryLimitBytes: z.number().nonnegative().optional(),
  storageLimitBytes: z.number().nonnegative().optional(),
  /** False for what the engine found already there, made by somebody else. */
  createdByFlotilla: z.boolean(),
  /** Absences that this object has beyond its engine's own, by method or option name, with the reason. */
  limitations: z.record(z.string(), z.string()).optional(),
  /** The ids of the volumes that it mounts; left out where there are none. */
  volumes: z.array(z.string()).optional(),
  /**
   * The ids of the networks that it is on, or will be when it starts, and no modes; left out where there are none. An engine may not
   * tell them before its first start.
   */
  networks: z.array(z.string().max(128)).optional(),
  /** The name of the node that it is on; left out where its engine has no nodes, or it has none yet. */
  node: naming(nodeKind, z.string().max(253)).optional(),
  /** Left out where its engine has no namespaces. */
  namespace: z.string().max(253).optional(),
  /** What made it and makes it again, by the engine's word for its kind and the engine's id: a pod's ReplicaSet, a task's service. */
  owner: z.object({ kind: z.string().max(100), id: z.string().max(300) }).optional(),
})
export type Container = z.infer<typeof Container>

/** Everything about one container: the row, what was asked, and what the engine really holds. */
export const ContainerDetail = z.object({
  container: Container,
  pid: z.number().int().nullable(),
  entrypoint: z.array(z.string()),
  env: z.array(z.string()),
  user: z.string(),
  workingDir: z.string(),
  hostname: z.string(),
  mounts: z.array(
    z.object({
      type: z.string(),
      /** The path on the host, or the volume's name. */
      source: naming(volumeKind, z.string()),
      target: z.string(),
      readOnly: z.boolean(),
    }),
  ),
  /** The networks that it is on or will be when it starts; not told by an older agent. */
  networks: z
    .array(
      z.object({
        id: z.string(),
        name: z.string(),
        ipv4: z.string().nullable(),
        ipv6: z.string().nullable(),
        aliases: z.array(z.string()),
      }),
    )
    .optional(),
  restart: RestartPolicy,
  limits: z.object({
    memoryBytes: z.number().nullable(),
    cpus: z.number().nullable(),
    pids: z.number().nullable(),
    /** Not told by an older agent. */
    storageBytes: z.number().nullable().optional(),
  }),
  /** The bounding set, `CAP_CHOWN`, in the kernel's order: what its processes can have at most, with root or a set-user-id file. */
  capabilities: z.array(z.string()),
  readOnlyRoot: z.boolean(),
  /** Whether it reaches beyond its own world: it has any of what a create needs `containers.create.privileged` for. */
  privileged: z.boolean(),
  /**
   * What of it gives its host to whoever runs commands in it (`HostReach`), for which that takes `containers.create.privileged` as
   * well; not told by an older agent. One of a newer agent is a word that is not known here.
   */
  reachesHost: z.array(z.string().max(40)).max(20).optional(),
  seccomp: z.string(),
  stopSignal: z.string(),
  stopTimeoutSeconds: z.number(),
  runtime: z.string(),
  logPath: z.string().optional(),
  /** The engine's own document: runtime-spec and state, or Docker's inspect answer. */
  native: z.record(z.string(), z.unknown()),
})
export type ContainerDetail = z.infer<typeof ContainerDetail>

/** The `network` of a container that was asked to be so. */
export function networkOf({ network, networks }: Pick<ContainerSpec, 'network' | 'networks'>): string {
  return network === 'bridge' && networks?.length === 0 ? 'none' : network
}

/**
 * Why a spec needs `containers.create.privileged`; empty when it does not. The one policy on every route: the control
 * plane asks it before a call and the agent asks it again. A volume is no path of the host: it has a name that holds no
 * slash, and no options of a driver.
 */
export function privilegedReasons(spec: ContainerSpec): string[] {
  const reasons: string[] = []
  if (spec.mounts.some((mount) => mount.type === 'bind')) reasons.push('bind mounts')
  if (spec.devices.length > 0) reasons.push('devices')
  if (spec.capAdd.length > 0) reasons.push('added capabilities')
  if (spec.seccomp === 'unconfined') reasons.push('seccomp off')
  if (spec.maskedPaths === 'none') reasons.push('unmasked kernel paths')
  if (spec.network === 'host') reasons.push('the host network')
  for (const kind of ['pidNamespace', 'ipcNamespace', 'utsNamespace'] as const) {
    if (spec[kind] === 'host') reasons.push(`the host's ${kind.replace('Namespace', '')} namespace`)
  }
  return reasons
}
