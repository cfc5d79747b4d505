'use client'

import type { FleetHost, HostFacts } from '@flotilla/protocol'
import { cn, Meter, Panel } from '@flotilla/ui'
import type { ReactNode } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { Bytes, Cores } from '../../format/values.tsx'
import { hostLoad } from '../../nouns/hosts/host-load.ts'

/** What of the host is in use, and what of that its containers hold. */
export function UsagePanel({ host }: { host: FleetHost }) {
  const t = useTranslations('hosts')
  const format = useFormatter()
  const { facts, usage } = host
  if (facts === null) return null
  const load = hostLoad(host)
  const away = host.state !== 'connected'
  return (
    <Panel title={t('usage')}>
      <div className="space-y-4">
        <Line
          away={away}
          label={t('columns.cpu')}
          meter={<Meter label={t('columns.cpu')} value={load.cpu} />}
          value={
            <>
              {usage.cpuCores === null ? <span className="text-faint">–</span> : <Cores cores={usage.cpuCores} />}
              <span className="text-faint"> {t('of', { whole: facts.cpus })}</span>
            </>
          }
          note={t('cpuNote', {
            load: format.number(facts.loadAverage, { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
          })}
        />
        <Line
          away={away}
          label={t('columns.memory')}
          meter={<Meter label={t('columns.memory')} value={load.memory} part={load.memoryOfContainers} />}
          value={<Of part={facts.memoryBytes - facts.memoryAvailableBytes} whole={facts.memoryBytes} />}
          note={
            usage.memoryBytes === null
              ? t('memoryNoteNone')
              : t.rich('memoryNote', { bytes: () => <Bytes bytes={usage.memoryBytes ?? 0} /> })
          }
        />
        <Line
          away={away}
          label={t('columns.disk')}
          meter={<Meter label={t('columns.disk')} value={load.disk} />}
          value={<Of part={facts.diskTotalBytes - facts.diskFreeBytes} whole={facts.diskTotalBytes} />}
          note={t.rich(isFull(facts) ? 'diskNoteFull' : 'diskNote', {
            bytes: () => <Bytes bytes={facts.diskFreeBytes} />,
          })}
        />
      </div>
    </Panel>
  )
}

/** Only the last of the disk is left, which is for what runs. */
function isFull({ diskFreeBytes, diskFloorBytes = 0 }: HostFacts): boolean {
  return diskFreeBytes < diskFloorBytes
}

function Of({ part, whole }: { part: number; whole: number }) {
  const t = useTranslations('hosts')
  return (
    <>
      <Bytes bytes={part} />
      <span className="text-faint"> {t.rich('ofRich', { whole: () => <Bytes bytes={whole} /> })}</span>
    </>
  )
}

function Line(props: { away: boolean; label: string; meter: ReactNode; value: ReactNode; note: ReactNode }) {
  return (
    <div className="text-sm">
      <div className="mb-1.5 flex items-baseline justify-between gap-3">
        <span className="text-muted">{props.label}</span>
        <span>{props.value}</span>
      </div>
      <div className={cn(props.away && 'stale')}>{props.meter}</div>
      <p className="mt-1 text-xs text-faint">{props.note}</p>
    </div>
  )
}
