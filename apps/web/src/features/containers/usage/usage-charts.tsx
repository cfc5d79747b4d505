'use client'

import { useFormatter, useTranslations } from 'use-intl'
import { useBytes } from '../../../format/values.tsx'
import type { ChartLine } from './chart.tsx'
import type { UsagePoint } from './stats-history.ts'
import { UsageChart } from './usage-chart.tsx'

interface Props {
  points: readonly UsagePoint[]
  /** The one whose values stand beside the name: under the cursor, or the last. */
  shown: UsagePoint
  /** What all charts share. */
  axes: { times: number[]; span: number; onCursor: (cursor: number | null) => void }
}

type Pick = (point: UsagePoint) => number | null

function line(
  points: readonly UsagePoint[],
  label: string,
  colour: ChartLine['colour'],
  pick: Pick,
  more: Partial<ChartLine> = {},
): ChartLine {
  return { label, colour, values: points.map(pick), ...more }
}

export function CpuChart({ points, shown, axes }: Props) {
  const t = useTranslations('container.usage')
  const format = useFormatter()
  const cores = (value: number) => t('cores', { value: format.number(value, { maximumFractionDigits: 2 }) })
  const { stats } = shown
  const limit = (pick: Pick) => line(points, t('limit'), 'muted', pick, { dashed: true })
  const throttled = points.filter((point) => (point.throttledShare ?? 0) > 0.01)
  return (
    <UsageChart
      {...axes}
      className="lg:col-span-3"
      title={t('cpu')}
      value={stats.cpuCores === null ? null : cores(stats.cpuCores)}
      of={stats.cpuLimitCores === null ? null : cores(stats.cpuLimitCores)}
      note={
        (shown.throttledShare ?? 0) > 0.01
          ? t('throttledNow', { share: format.number(shown.throttledShare ?? 0, { style: 'percent' }) })
          : (stats.throttledPeriods ?? 0) > 0
            ? t('throttledTotal', {
                seconds: format.number((stats.throttledNs ?? 0) / 1e9, { maximumFractionDigits: 1 }),
              })
            : null
      }
      lines={[
        line(points, t('used'), 'accent', (point) => point.stats.cpuCores, { filled: true }),
        ...(stats.cpuLimitCores === null ? [] : [limit((point) => point.stats.cpuLimitCores)]),
      ]}
      marks={throttled.map((point) => ({ at: point.at, colour: 'warn' as const, isBand: true }))}
      atLeast={stats.cpuLimitCores ?? 0.1}
      format={(value) => format.number(value, { maximumFractionDigits: 2 })}
    />
  )
}

export function MemoryChart({ points, shown, axes }: Props) {
  const t = useTranslations('container.usage')
  const bytes = useBytes()
  const { stats } = shown
  const limit = (pick: Pick) => line(points, t('limit'), 'muted', pick, { dashed: true })
  const kills = points.filter((point) => point.oomKills > 0)
  return (
    <UsageChart
      {...axes}
      className="lg:col-span-3"
      title={t('memory')}
      value={bytes(stats.memoryBytes)}
      of={stats.memoryLimitBytes === null ? null : bytes(stats.memoryLimitBytes)}
      note={
        (stats.oomKills ?? 0) > 0
          ? t('oomKills', { count: stats.oomKills ?? 0 })
          : stats.memoryCacheBytes === null
            ? null
            : t('cacheNow', { bytes: bytes(stats.memoryCacheBytes) })
      }
      isBad={(stats.oomKills ?? 0) > 0}
      lines={[
        line(points, t('used'), 'accent', (point) => point.stats.memoryBytes, { filled: true }),
        line(points, t('cache'), 'busy', (point) => point.stats.memoryCacheBytes),
        ...(stats.memoryLimitBytes === null ? [] : [limit((point) => point.stats.memoryLimitBytes)]),
      ]}
      marks={kills.map((point) => ({ at: point.at, colour: 'bad' as const }))}
      atLeast={stats.memoryLimitBytes ?? 1024 * 1024}
      format={bytes}
      isBytes
    />
  )
}

export function NetworkChart({ points, shown, axes }: Props) {
  const t = useTranslations('container.usage')
  const bytes = useBytes()
  const rate = (value: number) => t('rate', { bytes: bytes(value) })
  const { stats } = shown
  return (
    <UsageChart
      {...axes}
      className="lg:col-span-2"
      title={t('network')}
      value={shown.receivedPerSecond === null ? null : t('down', { rate: rate(shown.receivedPerSecond) })}
      of={shown.sentPerSecond === null ? null : t('up', { rate: rate(shown.sentPerSecond) })}
      absent={stats.receivedBytes === null ? t('noNetwork') : null}
      note={
        stats.receivedBytes === null
          ? null
          : t('totals', { a: bytes(stats.receivedBytes), b: bytes(stats.sentBytes ?? 0) })
      }
      lines={[
        line(points, t('received'), 'accent', (point) => point.receivedPerSecond, { filled: true }),
        line(points, t('sent'), 'unknown', (point) => point.sentPerSecond),
      ]}
      atLeast={1024}
      format={rate}
      isBytes
    />
  )
}

export function DiskChart({ points, shown, axes }: Props) {
  const t = useTranslations('container.usage')
  const bytes = useBytes()
  const rate = (value: number) => t('rate', { bytes: bytes(value) })
  const { stats } = shown
  return (
    <UsageChart
      {...axes}
      className="lg:col-span-2"
      title={t('disk')}
      value={shown.readPerSecond === null ? null : t('reads', { rate: rate(shown.readPerSecond) })}
      of={shown.writtenPerSecond === null ? null : t('writes', { rate: rate(shown.writtenPerSecond) })}
      absent={stats.readBytes === null ? t('noDisk') : null}
      note={
        stats.readBytes === null
          ? null
          : t('diskTotals', { a: bytes(stats.readBytes), b: bytes(stats.writeBytes ?? 0) })
      }
      lines={[
        line(points, t('read'), 'accent', (point) => point.readPerSecond, { filled: true }),
        line(points, t('written'), 'unknown', (point) => point.writtenPerSecond),
      ]}
      atLeast={1024}
      format={rate}
      isBytes
    />
  )
}

export function PidsChart({ points, shown, axes }: Props) {
  const t = useTranslations('container.usage')
  const format = useFormatter()
  const { stats } = shown
  return (
    <UsageChart
      {...axes}
      className="lg:col-span-2"
      title={t('pids')}
      value={stats.pids === null ? null : format.number(stats.pids)}
      of={stats.pidsLimit === null ? null : format.number(stats.pidsLimit)}
      absent={stats.pids === null ? t('noPids') : null}
      note={null}
      lines={[line(points, t('used'), 'accent', (point) => point.stats.pids, { filled: true })]}
      atLeast={4}
      format={(value) => (Number.isInteger(value) ? format.number(value) : '')}
    />
  )
}
