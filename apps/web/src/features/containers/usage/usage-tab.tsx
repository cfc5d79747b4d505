'use client'

import type { FleetContainer } from '@flotilla/protocol'
import { Empty, Segmented, Skeleton } from '@flotilla/ui'
import { Activity } from 'lucide-react'
import { useState } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { ErrorNote } from '../../../data/error-note.tsx'
import { ClientError } from '../../../data/error.ts'
import { useBytes } from '../../../format/values.tsx'
import { useStored } from '../logs/use-stored.ts'
import type { ChartLine } from './chart.tsx'
import { useStats } from './use-stats.ts'
import { UsageChart } from './usage-chart.tsx'
import type { UsagePoint } from './stats-history.ts'

const spans = ['60', '300', '900'] as const

/** What a container uses, as it uses it. */
export function UsageTab({ container }: { container: FleetContainer }) {
  const t = useTranslations('container.usage')
  const running = container.state === 'running' || container.state === 'paused'
  const { points, failure } = useStats(container, running && !container.stale)
  if (failure)
    return <ErrorNote className="m-4" title={t('failed')} error={new ClientError(failure.code, failure.message)} />
  if (points.length === 0 && (!running || container.stale))
    return (
      <Empty icon={<Activity />} title={container.staleReason ?? t(container.stale ? 'away' : 'notRunning')}>
        {t('notRunningText')}
      </Empty>
    )
  return <Charts points={points} />
}

function Charts({ points }: { points: readonly UsagePoint[] }) {
  const t = useTranslations('container.usage')
  const format = useFormatter()
  const bytes = useBytes()
  const [spanText, setSpan] = useStored('usage.span', '300')
  const [cursor, setCursor] = useState<number | null>(null)
  const times = points.map((point) => point.at)
  const shown = (cursor === null ? undefined : points[cursor]) ?? points.at(-1)
  const span = Number(spanText)
  if (!shown)
    return (
      <div className="grid gap-4 p-4 lg:grid-cols-2" aria-busy="true">
        {['cpu', 'memory', 'network', 'disk'].map((name) => (
          <Skeleton key={name} className="h-48" />
        ))}
      </div>
    )
  const { stats } = shown
  const cores = (value: number) => t('cores', { value: format.number(value, { maximumFractionDigits: 2 }) })
  const rate = (value: number) => t('rate', { bytes: bytes(value) })
  const line = (
    label: string,
    colour: ChartLine['colour'],
    pick: (point: UsagePoint) => number | null,
    more: Partial<ChartLine> = {},
  ): ChartLine => ({ label, colour, values: points.map(pick), ...more })
  const limit = (pick: (point: UsagePoint) => number | null) => line(t('limit'), 'muted', pick, { dashed: true })
  const common = { times, span, onCursor: setCursor }
  const throttled = points.filter((point) => (point.throttledShare ?? 0) > 0.01)
  const kills = points.filter((point) => point.oomKills > 0)
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="flex items-center justify-between gap-3 px-4 pt-4">
        <p className="text-xs text-muted" role="status">
          {t('sampled', {
            time: format.dateTime(new Date(shown.at * 1000), { timeStyle: 'medium', hourCycle: 'h23' }),
          })}
        </p>
        <Segmented
          label={t('span')}
          value={spanText}
          options={spans.map((value) => ({ value, label: t(`spans.${value}`) }))}
          onChange={setSpan}
        />
      </div>
      <div className="grid gap-4 p-4 lg:grid-cols-6">
        <UsageChart
          {...common}
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
            line(t('used'), 'accent', (point) => point.stats.cpuCores, { filled: true }),
            ...(stats.cpuLimitCores === null ? [] : [limit((point) => point.stats.cpuLimitCores)]),
          ]}
          marks={throttled.map((point) => ({ at: point.at, colour: 'warn' as const, isBand: true }))}
          atLeast={stats.cpuLimitCores ?? 0.1}
          format={(value) => format.number(value, { maximumFractionDigits: 2 })}
        />
        <UsageChart
          {...common}
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
            line(t('used'), 'accent', (point) => point.stats.memoryBytes, { filled: true }),
            line(t('cache'), 'busy', (point) => point.stats.memoryCacheBytes),
            ...(stats.memoryLimitBytes === null ? [] : [limit((point) => point.stats.memoryLimitBytes)]),
          ]}
          marks={kills.map((point) => ({ at: point.at, colour: 'bad' as const }))}
          atLeast={stats.memoryLimitBytes ?? 1024 * 1024}
          format={bytes}
          isBytes
        />
        <UsageChart
          {...common}
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
            line(t('received'), 'accent', (point) => point.receivedPerSecond, { filled: true }),
            line(t('sent'), 'unknown', (point) => point.sentPerSecond),
          ]}
          atLeast={1024}
          format={rate}
          isBytes
        />
        <UsageChart
          {...common}
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
            line(t('read'), 'accent', (point) => point.readPerSecond, { filled: true }),
            line(t('written'), 'unknown', (point) => point.writtenPerSecond),
          ]}
          atLeast={1024}
          format={rate}
          isBytes
        />
        <UsageChart
          {...common}
          className="lg:col-span-2"
          title={t('pids')}
          value={stats.pids === null ? null : format.number(stats.pids)}
          of={stats.pidsLimit === null ? null : format.number(stats.pidsLimit)}
          absent={stats.pids === null ? t('noPids') : null}
          note={null}
          lines={[line(t('used'), 'accent', (point) => point.stats.pids, { filled: true })]}
          atLeast={4}
          format={(value) => (Number.isInteger(value) ? format.number(value) : '')}
        />
      </div>
    </div>
  )
}
