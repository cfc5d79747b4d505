'use client'

import type { FleetContainer } from '@flotilla/protocol'
import { Empty, Segmented, Skeleton } from '@flotilla/ui'
import { Activity } from 'lucide-react'
import { useState } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { ErrorNote } from '../../../data/error-note.tsx'
import { ClientError } from '../../../data/error.ts'
import { useStored } from '../logs/use-stored.ts'
import { useStats } from './use-stats.ts'
import { CpuChart, DiskChart, MemoryChart, NetworkChart, PidsChart } from './usage-charts.tsx'
import type { UsagePoint } from './stats-history.ts'

const spans = ['60', '300', '900'] as const

/** What a container uses, as it uses it. */
export function UsageTab({ container }: { container: FleetContainer }) {
  const t = useTranslations('container.usage')
  const running = container.state === 'running' || container.state === 'paused'
  const { points, failure } = useStats(container, running && !container.stale)
  if (failure) return <ErrorNote className="m-4" title={t('failed')} error={new ClientError(failure)} />
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
  const axes = { times, span, onCursor: setCursor }
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
        <CpuChart {...{ points, shown, axes }} />
        <MemoryChart {...{ points, shown, axes }} />
        <NetworkChart {...{ points, shown, axes }} />
        <DiskChart {...{ points, shown, axes }} />
        <PidsChart {...{ points, shown, axes }} />
      </div>
    </div>
  )
}
