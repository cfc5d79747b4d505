import { z } from 'zod'
import { naming, quoting } from '../../fields-naming.ts'
import { ContainerRef } from './container.ts'
import { LogTime } from './log-time.ts'

export const LogsInput = z.object({
  id: ContainerRef,
  follow: z.boolean().default(false),
  /** The last N lines before following; null: all that is kept. */
  tail: z.number().int().min(0).max(10_000_000).nullable().default(null),
  since: LogTime.optional(),
  until: LogTime.optional(),
  stdout: z.boolean().default(true),
  stderr: z.boolean().default(true),
  /** Go on after this cursor, as a line's batch gave it. */
  after: z.string().max(200).optional(),
})

export const LogLine = z.object({
  /** Nanosecond RFC 3339 as the runtime wrote it. */
  time: z.string().max(40),
  stream: z.enum(['stdout', 'stderr']),
  /** Without its newline; bytes that are no UTF-8 come as U+FFFD. */
  text: z.string(),
  /** The line goes on in the next one of the same stream: it was longer than a chunk, or had no newline yet. */
  partial: z.boolean().optional(),
})
export type LogLine = z.infer<typeof LogLine>

/** Lines in order, many a frame. */
export const LogBatch = z.object({
  lines: z.array(LogLine).max(5000),
  /** Where a later call goes on. */
  cursor: z.string().max(200),
  /** What was dropped before the first of these lines. Counts are null where nobody counted. */
  gap: z
    .object({
      from: z.string().nullable(),
      to: z.string().nullable(),
      lines: z.number().nullable(),
      /** When the last of them were removed because the host's disk was full; left out where the log was at its own limit. */
      diskFullAt: z.iso.datetime().optional(),
    })
    .optional(),
})
export type LogBatch = z.infer<typeof LogBatch>

/** One reading of a container's usage. Counters are totals since its start; null is "the kernel does not say". */
export const Stats = z.object({
  at: z.iso.datetime(),
  cpuUsageNs: z.number().nonnegative(),
  /** Since the sample before, in cores: 1.5 is one and a half cores. Null in the first sample. */
  cpuCores: z.number().nonnegative().nullable(),
  cpuLimitCores: z.number().nonnegative().nullable(),
  throttledPeriods: z.number().nonnegative().nullable(),
  throttledNs: z.number().nonnegative().nullable(),
  memoryBytes: z.number().nonnegative(),
  memoryCacheBytes: z.number().nonnegative().nullable(),
  memoryLimitBytes: z.number().nonnegative().nullable(),
  memoryPeakBytes: z.number().nonnegative().nullable(),
  oomKills: z.number().nonnegative().nullable(),
  pids: z.number().nonnegative().nullable(),
  pidsLimit: z.number().nonnegative().nullable(),
  readBytes: z.number().nonnegative().nullable(),
  writeBytes: z.number().nonnegative().nullable(),
  receivedBytes: z.number().nonnegative().nullable(),
  sentBytes: z.number().nonnegative().nullable(),
})
export type Stats = z.infer<typeof Stats>

export const Namespace = z.object({
  type: z.enum(['mnt', 'pid', 'net', 'ipc', 'uts', 'user', 'cgroup', 'time']),
  inode: z.number().nonnegative(),
  /** `own`, the host's, or shared with other containers. */
  owner: z.enum(['own', 'host', 'shared']),
  /** The names of the other containers that are in it. */
  sharedWith: z.array(naming('container', z.string())),
})

export const KernelProcess = z.object({
  pid: z.number().int(),
  containerPid: z.number().int().nullable(),
  parentPid: z.number().int(),
  uid: z.number().int(),
  /** Its words; a process that has none has its name, in brackets. */
  command: z.array(z.string()),
  state: z.string(),
  memoryBytes: z.number().nonnegative(),
})

/** The container as the kernel sees it. */
export const KernelView = z.object({
  at: z.iso.datetime(),
  pid: z.number().int(),
  namespaces: z.array(Namespace),
  cgroup: z.object({
    version: z.union([z.literal(1), z.literal(2)]),
    path: z.string(),
    /** Raw values of the files that matter, by file name, as the kernel prints them. */
    files: z.record(z.string(), z.string()),
    stats: Stats,
    pressure: z.record(z.string(), z.string()).nullable(),
  }),
  capabilities: z.array(z.string()),
  seccomp: z.enum(['disabled', 'strict', 'filter', 'unknown']),
  noNewPrivileges: z.boolean().nullable(),
  apparmor: z.string().nullable(),
  uidMap: z.array(z.object({ inside: z.number(), outside: z.number(), count: z.number() })),
  mounts: z.array(
    z.object({
      target: z.string(),
      /** What is mounted: a path on the host, in which a volume's name may stand, or a device. */
      source: quoting(z.string()),
      type: z.string(),
      options: z.string(),
    }),
  ),
  processes: z.array(KernelProcess).max(10_000),
})
export type KernelView = z.infer<typeof KernelView>
