import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hostReachHere } from '@flotilla/engine'
import { coresBetween, readKernelView, readStats, readUsageSummary, type StatsPoint } from '@flotilla/kernel'
import { type RuntimeSpec, selectCapabilities } from '@flotilla/oci'
import {
  type ContainerDetail,
  type FlotillaError,
  type KernelView,
  type LogBatch,
  type LogsInput,
  type ReasonFields,
  type Stats,
  type UsageSample,
  because,
  fail,
  reasonFields,
} from '@flotilla/protocol'
import type { z } from 'zod'
import { readLog } from '../logs/log-reader.ts'
import { shownVolumes } from './container-volumes.ts'
import { bundleOf, cgroupOf, type Context, logFolderOf } from './context.ts'
import { attachmentsOf } from './attachments.ts'
import type { ContainerRecord } from './record.ts'
import { toDetail } from './view.ts'

export async function inspectContainer(context: Context, ref: string): Promise<ContainerDetail> {
  const record = context.store.find(ref)
  const config = await readConfig(context, record)
  const usual = selectCapabilities(record.spec, context.hostLimits.capabilities)
  const detail = toDetail(context, record, {
    capabilities: config?.process.capabilities.bounding ?? usual,
    logPath: logFolderOf(context, record.id).currentPath,
    volumes: shownVolumes(context, record),
    networks: networksOf(context, record),
    native: { state: record, ...(config === undefined ? {} : { config }) },
  })
  const { capabilities, mounts } = detail
  const facts = { isInHostPid: record.spec.pidNamespace === 'host', capabilities, mounts }
  return { ...detail, reachesHost: await hostReachHere(facts, [context.runDir]) }
}

function networksOf(context: Context, record: ContainerRecord): NonNullable<ContainerDetail['networks']> {
  const { networks } = context
  const endpoints = networks.endpointsOf(record.id)
  return attachmentsOf(context, record).map(({ network, aliases, ipv4, ipv6 }) => {
    const endpoint = endpoints.find((each) => each.network === network)
    return {
      id: network,
      name: networks.definitions.get(network)?.name ?? network.slice(0, 12),
      ipv4: endpoint?.ipv4 ?? ipv4 ?? null,
      ipv6: endpoint?.ipv6 ?? ipv6 ?? null,
      aliases,
    }
  })
}

async function readConfig(context: Context, record: ContainerRecord): Promise<RuntimeSpec | undefined> {
  if (record.run === null) return undefined
  try {
    return JSON.parse(await readFile(join(bundleOf(context, record.id), 'config.json'), 'utf8')) as RuntimeSpec
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

export async function readKernel(context: Context, ref: string): Promise<KernelView> {
  const record = context.store.find(ref)
  const pid = pidOf(record)
  const others = context.store.all().flatMap((other) => {
    const otherPid = other.phase === 'running' ? other.run?.process?.pid : undefined
    return other.id === record.id || otherPid === undefined ? [] : [{ name: other.name, pid: otherPid }]
  })
  const view = await readKernelView({ pid, cgroup: cgroupOf(context, record.id), others })
  if (view === null) throw notRunning(record)
  return view
}

/** A sample at once, then one each interval, until the container ends or the signal aborts. */
export async function* readStatsStream(
  context: Context,
  ref: string,
  intervalMs: number,
  signal: AbortSignal,
): AsyncGenerator<Stats> {
  const record = context.store.find(ref)
  const pid = pidOf(record)
  const own = record.spec.network === 'host' ? {} : { pid }
  let previous: StatsPoint | undefined
  while (!signal.aborted && context.store.get(record.id)?.phase === 'running') {
    const reading = await readStats(cgroupOf(context, record.id), {
      ...own,
      ...(previous === undefined ? {} : { previous }),
    })
    if (reading === null) return
    yield reading.stats
    previous = reading.point
    await pauseOrEnd(context, record.id, intervalMs, signal)
  }
}

function pauseOrEnd(context: Context, id: string, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer)
      unsubscribe()
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, ms)
    const unsubscribe = context.ends.on(id, finish)
    signal.addEventListener('abort', finish, { once: true })
    if (signal.aborted) finish()
  })
}

/** Answers with the next end of a container, at once for one that has ended. Throws the signal's reason. */
export async function waitContainer(
  context: Context,
  ref: string,
  signal: AbortSignal,
): Promise<{ exitCode: number | null } & ReasonFields<'reason'>> {
  const { id } = context.store.find(ref)
  for (;;) {
    signal.throwIfAborted()
    const record = context.store.get(id)
    if (record === undefined) return { exitCode: null, ...reasonFields('reason', because('container.removed')) }
    if (record.phase === 'exited') {
      return { exitCode: record.exitCode, ...reasonFields('reason', record.exitReason) }
    }
    await pauseOrEnd(context, id, 60_000, signal)
  }
}

export async function* readContainerLogs(
  context: Context,
  input: z.output<typeof LogsInput>,
  signal: AbortSignal,
): AsyncGenerator<LogBatch> {
  const { id } = context.store.find(input.id)
  const source = {
    folder: logFolderOf(context, id),
    ended: () => {
      const record = context.store.get(id)
      return (
        record === undefined || (record.phase !== 'running' && record.phase !== 'starting' && record.restartAt === null)
      )
    },
    onEnd: (listener: () => void) => context.ends.on(id, listener),
    turns: context.rotator.turns,
  }
  yield* readLog(source, input, signal)
}

/** Rates for lists: one cheap reading of each running container, against the reading before. */
export class UsageReader {
  readonly #points = new Map<string, StatsPoint>()

  async read(context: Context): Promise<UsageSample[]> {
    const running = context.store.all().filter(({ phase }) => phase === 'running')
    const samples: UsageSample[] = []
    const seen = new Set<string>()
    for (const { id } of running) {
      const usage = await readUsageSummary(cgroupOf(context, id))
      if (usage === null) continue
      const point = { cpuUsageNs: usage.cpuUsageNs, atNs: process.hrtime.bigint() }
      const before = this.#points.get(id)
      this.#points.set(id, point)
      seen.add(id)
      samples.push({
        engine: context.engineId,
        id,
        at: new Date().toISOString(),
        cpuCores: before === undefined ? null : coresBetween(before, point),
        memoryBytes: usage.memoryBytes,
        pids: usage.pids,
      })
    }
    for (const id of this.#points.keys()) if (!seen.has(id)) this.#points.delete(id)
    return samples
  }
}

function pidOf(record: ContainerRecord): number {
  const pid = record.phase === 'running' ? record.run?.process?.pid : undefined
  if (pid === undefined) throw notRunning(record)
  return pid
}

const notRunning = (record: ContainerRecord): FlotillaError => fail('container.notRunning', { name: record.name })
