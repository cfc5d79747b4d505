import { z } from 'zod'

/**
 * The parts of the Docker Engine API's answers (1.41 and up) that are read here, checked like everything from outside.
 * Fields that a daemon may leave out or send as null have defaults.
 */
const strings = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? [])
const record = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {})

const portBinding = z.object({ HostIp: z.string().default(''), HostPort: z.string().default('') })
const portMap = z
  .record(z.string(), z.array(portBinding).nullable())
  .nullish()
  .transform((value) => value ?? {})
export type DockerPortMap = z.infer<typeof portMap>

const endpoint = z.object({
  NetworkID: z.string().default(''),
  EndpointID: z.string().default(''),
  IPAddress: z.string().default(''),
  GlobalIPv6Address: z.string().default(''),
  MacAddress: z.string().default(''),
  Aliases: strings,
  /** Fixed addresses, which are kept while the container does not run. */
  IPAMConfig: z.object({ IPv4Address: z.string(), IPv6Address: z.string() }).partial().nullish(),
})
export type EndpointAnswer = z.infer<typeof endpoint>

export const ContainerAnswer = z.object({
  Id: z.string(),
  Name: z.string(),
  Created: z.string(),
  Path: z.string().default(''),
  Args: strings,
  Image: z.string(),
  RestartCount: z.number().default(0),
  LogPath: z.string().nullish(),
  ExecIDs: strings,
  State: z.object({
    Status: z.string(),
    OOMKilled: z.boolean().default(false),
    Pid: z.number().default(0),
    ExitCode: z.number().default(0),
    Error: z.string().default(''),
    StartedAt: z.string().default(''),
    FinishedAt: z.string().default(''),
  }),
  Config: z.object({
    Hostname: z.string().default(''),
    User: z.string().default(''),
    Tty: z.boolean().default(false),
    Env: strings,
    Cmd: strings,
    Entrypoint: strings,
    Image: z.string(),
    WorkingDir: z.string().default(''),
    Labels: record,
    StopSignal: z.string().nullish(),
    StopTimeout: z.number().nullish(),
  }),
  HostConfig: z.object({
    NetworkMode: z.string().default(''),
    Memory: z.number().default(0),
    NanoCpus: z.number().default(0),
    CpuQuota: z.number().default(0),
    CpuPeriod: z.number().default(0),
    PidsLimit: z.number().nullish(),
    StorageOpt: record,
    Privileged: z.boolean().default(false),
    PidMode: z.string().default(''),
    IpcMode: z.string().default(''),
    UTSMode: z.string().default(''),
    UsernsMode: z.string().default(''),
    Devices: z.array(z.unknown()).nullish(),
    DeviceRequests: z.array(z.unknown()).nullish(),
    /** Null and left out by older daemons where it is Docker's own. */
    MaskedPaths: z.array(z.string()).nullish(),
    ReadonlyRootfs: z.boolean().default(false),
    CapAdd: strings,
    CapDrop: strings,
    SecurityOpt: strings,
    LogConfig: z.object({ Type: z.string().default(''), Config: record }).default({ Type: '', Config: {} }),
    Runtime: z.string().nullish(),
    RestartPolicy: z
      .object({ Name: z.string().default(''), MaximumRetryCount: z.number().default(0) })
      .default({ Name: '', MaximumRetryCount: 0 }),
    PortBindings: portMap,
    Tmpfs: record,
    Mounts: z
      .array(
        z.object({
          Target: z.string().default(''),
          VolumeOptions: z.object({ Subpath: z.string().optional() }).nullish(),
        }),
      )
      .nullish()
      .transform((value) => value ?? []),
  }),
  Mounts: z
    .array(
      z.object({
        Type: z.string(),
        Name: z.string().default(''),
        Source: z.string().default(''),
        Destination: z.string(),
        RW: z.boolean().default(true),
      }),
    )
    .nullish()
    .transform((value) => value ?? []),
  NetworkSettings: z.object({
    Ports: portMap,
    Networks: z
      .record(z.string(), endpoint)
      .nullish()
      .transform((value) => value ?? {}),
  }),
})
export type ContainerAnswer = z.infer<typeof ContainerAnswer>

export const ContainerListAnswer = z.array(
  z.object({ Id: z.string(), ImageID: z.string().default(''), Names: strings, Labels: record }),
)

export const ImageListAnswer = z.array(z.object({ Id: z.string(), RepoTags: strings }))

export const ImageAnswer = z.object({
  Id: z.string(),
  RepoTags: strings,
  RepoDigests: strings,
  Created: z.string().nullish(),
  Size: z.number(),
  Architecture: z.string().default(''),
  Os: z.string().default(''),
  Config: z
    .object({
      User: z.string().default(''),
      Env: strings,
      Cmd: strings,
      Entrypoint: strings,
      WorkingDir: z.string().default(''),
      Labels: record,
      StopSignal: z.string().nullish(),
      ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
    })
    .nullish(),
  RootFS: z.object({ Layers: strings }).default({ Layers: [] }),
})
export type ImageAnswer = z.infer<typeof ImageAnswer>

export const HistoryAnswer = z.array(z.object({ CreatedBy: z.string().default(''), Size: z.number().default(0) }))

export const ImageDeleteAnswer = z.array(z.object({ Untagged: z.string().optional(), Deleted: z.string().optional() }))

export const VersionAnswer = z.object({
  Version: z.string(),
  ApiVersion: z.string(),
  MinAPIVersion: z.string().default('1.12'),
  Components: z
    .array(z.object({ Name: z.string(), Version: z.string() }))
    .nullish()
    .transform((value) => value ?? []),
})

export const InfoAnswer = z.object({
  ID: z.string().default(''),
  DockerRootDir: z.string().default(''),
  KernelVersion: z.string().default(''),
  Driver: z.string().default(''),
  /** Pairs such as `Backing Filesystem` and `xfs`. */
  DriverStatus: z.array(z.array(z.string())).nullish(),
  DefaultRuntime: z.string().default(''),
  Runtimes: z.record(z.string(), z.object({ path: z.string().default('') })).nullish(),
  MemoryLimit: z.boolean().default(true),
  CpuCfsQuota: z.boolean().default(true),
  PidsLimit: z.boolean().default(true),
})

export const EventAnswer = z.object({
  Type: z.string(),
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: record }),
  timeNano: z.number().optional(),
})
export type EventAnswer = z.infer<typeof EventAnswer>

export const PullAnswer = z.object({
  id: z.string().optional(),
  status: z.string().optional(),
  error: z.string().optional(),
  progressDetail: z.object({ current: z.number().optional(), total: z.number().optional() }).optional(),
})
export type PullAnswer = z.infer<typeof PullAnswer>

export const ExecAnswer = z.object({ Running: z.boolean(), ExitCode: z.number().nullish(), Pid: z.number().default(0) })
export type ExecAnswer = z.infer<typeof ExecAnswer>

const blkio = z
  .array(z.object({ op: z.string(), value: z.number() }))
  .nullish()
  .transform((value) => value ?? [])

export const StatsAnswer = z.object({
  read: z.string(),
  cpu_stats: z.object({
    cpu_usage: z.object({ total_usage: z.number().default(0) }),
    throttling_data: z.object({ throttled_periods: z.number(), throttled_time: z.number() }).partial().optional(),
  }),
  memory_stats: z.object({
    usage: z.number().optional(),
    max_usage: z.number().optional(),
    stats: z.record(z.string(), z.number()).optional(),
  }),
  pids_stats: z.object({ current: z.number().optional() }).optional(),
  blkio_stats: z.object({ io_service_bytes_recursive: blkio }).optional(),
  networks: z.record(z.string(), z.object({ rx_bytes: z.number(), tx_bytes: z.number() })).optional(),
})
export type StatsAnswer = z.infer<typeof StatsAnswer>
