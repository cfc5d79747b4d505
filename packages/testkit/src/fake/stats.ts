import type { Stats } from '@flotilla/protocol'
import type { FakeContainer } from './container.ts'

/** A made-up but steady reading: a wave over time, another for each container, the same for the same second. */
export function reading(container: FakeContainer, before: Stats | undefined): Stats {
  const now = Date.now()
  const phase = Number.parseInt(container.id.slice(0, 4), 16)
  const cores = 0.05 * (1 + Math.sin(now / 20_000 + phase))
  const elapsedMs = now - Date.parse(container.startedAt ?? container.createdAt)
  const cpuUsageNs = Math.max(before?.cpuUsageNs ?? 0, Math.round(elapsedMs * 1e6 * 0.05))
  const memoryBytes = Math.round(8_000_000 + (phase % 64) * 1_000_000 + 1_000_000 * Math.sin(now / 30_000 + phase))
  const limit = container.spec.memoryBytes ?? null
  return {
    at: new Date(now).toISOString(),
    cpuUsageNs,
    cpuCores: before === undefined ? null : cores,
    cpuLimitCores: container.spec.cpus ?? null,
    throttledPeriods: 0,
    throttledNs: 0,
    memoryBytes: limit === null ? memoryBytes : Math.min(memoryBytes, limit),
    memoryCacheBytes: 0,
    memoryLimitBytes: limit,
    memoryPeakBytes: memoryBytes,
    oomKills: 0,
    pids: 1,
    pidsLimit: container.spec.pidsLimit ?? null,
    readBytes: 0,
    writeBytes: 0,
    receivedBytes: null,
    sentBytes: null,
  }
}
