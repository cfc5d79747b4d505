'use client'

import type { KernelView, Stats } from '@flotilla/protocol'
import { Badge, Panel } from '@flotilla/ui'
import { useFormatter, useTranslations } from 'use-intl'
import { useBytes } from '../../../format/values.tsx'
import type { UsagePoint } from '../usage/stats-history.ts'
import { Gauge, type GaugePart } from './gauge.tsx'
import { Term } from './term.tsx'

const high = 0.9

/** The control group: what is used against what is allowed, and the kernel's own files. */
export function CgroupPanel(props: { cgroup: KernelView['cgroup']; now: UsagePoint | undefined }) {
  const t = useTranslations('container.kernel')
  const { cgroup, now } = props
  // The younger of the two: samples come once a second, unless their stream stands still.
  const point = now !== undefined && Date.parse(now.stats.at) >= Date.parse(cgroup.stats.at) ? now : undefined
  const stats = point?.stats ?? cgroup.stats
  return (
    <Panel
      title={<Term text={t('cgroupHint')}>{t('cgroup')}</Term>}
      actions={<Badge>{t('cgroupVersion', { version: cgroup.version })}</Badge>}
    >
      <div className="grid gap-x-6 gap-y-3 sm:grid-cols-2 xl:grid-cols-1 2xl:grid-cols-2">
        <MemoryGauge stats={stats} />
        <CpuGauge stats={stats} point={point} />
        <PidsGauge stats={stats} />
        <IoGauge stats={stats} point={point} />
      </div>
      {cgroup.pressure === null ? null : <Pressure pressure={cgroup.pressure} />}
      <p className="mt-3 flex items-baseline gap-2 border-t border-line pt-3 text-xs">
        <span className="text-muted">{t('path')}</span>
        <code className="min-w-0 font-mono break-all">{cgroup.path}</code>
      </p>
      <details className="mt-2 text-xs">
        <summary className="cursor-pointer rounded-sm text-muted hover:text-fg focus-visible:outline-2 focus-visible:outline-accent">
          {t('files', { count: Object.keys(cgroup.files).length })}
        </summary>
        <dl
          className="mt-2 max-h-72 space-y-2 overflow-y-auto rounded-md bg-field p-3 font-mono"
          tabIndex={0}
          aria-label={t('filesLabel')}
        >
          {Object.entries(cgroup.files).map(([name, value]) => (
            <div key={name}>
              <dt className="text-muted">{name}</dt>
              <dd className="break-all whitespace-pre-wrap">{value.trim()}</dd>
            </div>
          ))}
        </dl>
      </details>
    </Panel>
  )
}

function MemoryGauge({ stats }: { stats: Stats }) {
  const t = useTranslations('container.kernel')
  const bytes = useBytes()
  const limit = stats.memoryLimitBytes
  const cache = Math.min(stats.memoryCacheBytes ?? 0, stats.memoryBytes)
  const share = limit === null ? 0 : stats.memoryBytes / limit
  const parts: GaugePart[] | null =
    limit === null
      ? null
      : [
          { share: (stats.memoryBytes - cache) / limit, className: share > high ? 'text-bad' : 'text-fg' },
          { share: cache / limit, className: 'text-fg opacity-40' },
        ]
  const notes = [
    stats.memoryCacheBytes === null ? null : t('memoryCache', { bytes: bytes(stats.memoryCacheBytes) }),
    stats.memoryPeakBytes === null ? null : t('memoryPeak', { bytes: bytes(stats.memoryPeakBytes) }),
    stats.oomKills !== null && stats.oomKills > 0 ? t('oomKills', { count: stats.oomKills }) : null,
  ]
  return (
    <Gauge
      name={t('memory')}
      explanation={t('memoryHint')}
      value={bytes(stats.memoryBytes)}
      limit={limit === null ? t('noLimit') : bytes(limit)}
      parts={parts}
      isHigh={share > high}
      note={notes.filter((note) => note !== null).join(' · ')}
    />
  )
}

function CpuGauge({ stats, point }: { stats: Stats; point: UsagePoint | undefined }) {
  const t = useTranslations('container.kernel')
  const format = useFormatter()
  const cores = (value: number) => format.number(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 })
  const used = stats.cpuCores
  const limit = stats.cpuLimitCores
  const throttled = point?.throttledShare ?? 0
  const parts: GaugePart[] | null =
    limit === null || used === null
      ? null
      : [{ share: used / limit, className: throttled > 0.01 ? 'text-warn' : 'text-fg' }]
  const total = (stats.throttledNs ?? 0) / 1e9
  return (
    <Gauge
      name={t('cpu')}
      explanation={t('cpuHint')}
      value={used === null ? '–' : t('cores', { value: cores(used) })}
      limit={limit === null ? t('noLimit') : t('cores', { value: cores(limit) })}
      parts={parts}
      note={
        throttled > 0.01
          ? t('throttled', { share: format.number(throttled, { style: 'percent' }) })
          : total > 0
            ? t('throttledTotal', { seconds: format.number(total, { maximumFractionDigits: 1 }) })
            : limit === null
              ? ''
              : t('neverThrottled')
      }
    />
  )
}

function PidsGauge({ stats }: { stats: Stats }) {
  const t = useTranslations('container.kernel')
  const format = useFormatter()
  const { pids, pidsLimit } = stats
  const share = pids === null || pidsLimit === null ? 0 : pids / pidsLimit
  return (
    <Gauge
      name={t('pids')}
      explanation={t('pidsHint')}
      value={pids === null ? '–' : format.number(pids)}
      limit={pidsLimit === null ? t('noLimit') : format.number(pidsLimit)}
      parts={pidsLimit === null ? null : [{ share, className: share > high ? 'text-bad' : 'text-fg' }]}
      isHigh={share > high}
    />
  )
}

function IoGauge({ stats, point }: { stats: Stats; point: UsagePoint | undefined }) {
  const t = useTranslations('container.kernel')
  const bytes = useBytes()
  const rate = (value: number | null | undefined) =>
    value === null || value === undefined ? '–' : t('rate', { bytes: bytes(value) })
  return (
    <Gauge
      name={t('io')}
      explanation={t('ioHint')}
      value={t('ioRead', { rate: rate(point?.readPerSecond) })}
      limit={t('ioWritten', { rate: rate(point?.writtenPerSecond) })}
      note={
        stats.readBytes === null
          ? t('noIo')
          : t('ioTotals', { read: bytes(stats.readBytes), written: bytes(stats.writeBytes ?? 0) })
      }
    />
  )
}

/** How long tasks waited in the last ten seconds, by resource (PSI). */
function Pressure({ pressure }: { pressure: Record<string, string> }) {
  const t = useTranslations('container.kernel')
  const format = useFormatter()
  return (
    <div className="mt-3 flex flex-wrap items-baseline gap-x-4 gap-y-1 border-t border-line pt-3 text-xs">
      <Term text={t('pressureHint')}>{t('pressure')}</Term>
      {Object.entries(pressure).map(([name, text]) => {
        const share = Number(/^some .*?avg10=([\d.]+)/m.exec(text)?.[1] ?? Number.NaN)
        return (
          <span key={name} className="text-muted">
            {name.split('.')[0]}{' '}
            <span className="text-fg tabular-nums">
              {Number.isNaN(share) ? '–' : format.number(share / 100, { style: 'percent', maximumFractionDigits: 1 })}
            </span>
          </span>
        )
      })}
    </div>
  )
}
