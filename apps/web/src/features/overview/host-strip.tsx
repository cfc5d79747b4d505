'use client'

import type { FleetHost } from '@flotilla/protocol'
import { cn, Meter, StateDot } from '@flotilla/ui'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { Ago, Bytes, Cores } from '../../format/values.tsx'
import { CordonMark } from '../../nouns/hosts/cordon-mark.tsx'
import { hostLoad } from '../../nouns/hosts/host-load.ts'
import { hostTones } from '../../nouns/hosts/host-state.tsx'
import { useCordonWords } from '../../nouns/hosts/use-cordon-words.ts'

const fullCells = 3

/** What is in use: a cell a host, filled by what it has left. Many hosts have smaller cells. */
export function HostStrip({ hosts }: { hosts: readonly FleetHost[] }) {
  const small = hosts.length > fullCells
  return (
    <ul
      className={small ? 'grid grid-cols-[repeat(auto-fill,minmax(7.5rem,1fr))] gap-px p-2' : 'divide-y divide-line/60'}
    >
      {hosts.map((host) => (
        <li key={host.id}>
          <Cell host={host} small={small} />
        </li>
      ))}
    </ul>
  )
}

function Cell({ host, small }: { host: FleetHost; small: boolean }) {
  const t = useTranslations('overview')
  const hosts = useTranslations('hosts')
  const format = useFormatter()
  const load = hostLoad(host)
  const away = host.state !== 'connected'
  const words = useCordonWords()
  const cordon = host.cordon === null ? '' : `${hosts('cordon.word')}. ${words(host.cordon)}`
  const percent = (share: number | null) =>
    share === null ? '–' : format.number(share, { style: 'percent', maximumFractionDigits: 0 })
  const summary = t('cell', {
    cpu: percent(load.cpu),
    memory: percent(load.memory),
    disk: percent(load.disk),
    running: host.counts.running,
    containers: host.counts.containers,
  })
  return (
    <Link
      href={`/hosts/${encodeURIComponent(host.id)}`}
      prefetch={false}
      title={small ? [`${host.name}: ${hosts(`states.${host.state}`)}.`, cordon, summary].join(' ') : undefined}
      className={cn(
        'block hover:bg-raised/50 focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-accent',
        small ? 'p-2' : 'px-4 py-3',
      )}
    >
      <span className="flex items-center gap-2">
        <StateDot tone={hostTones[host.state]} className="size-2" />
        <span className="truncate font-mono text-xs font-medium">{host.name}</span>
        <CordonMark host={host} size={small ? 'shape' : 'word'} className="text-xs" />
        {small ? null : (
          <span className="ml-auto shrink-0 text-xs text-muted">
            {away ? (
              <>
                {hosts(`states.${host.state}`)}
                {host.lastSeenAt ? (
                  <>
                    {' '}
                    <Ago at={host.lastSeenAt} />
                  </>
                ) : null}
              </>
            ) : (
              hosts('runningOf', { running: host.counts.running, containers: host.counts.containers })
            )}
          </span>
        )}
      </span>
      <HostMeters host={host} small={small} />
    </Link>
  )
}

/** What of a host is in use: two bars, or three with their amounts where there is room. */
function HostMeters({ host, small }: { host: FleetHost; small: boolean }) {
  const t = useTranslations('overview')
  const load = hostLoad(host)
  const { facts } = host
  return (
    <span className={cn('mt-2 block space-y-1.5', host.state !== 'connected' && 'stale')}>
      {small || facts === null ? (
        <>
          <Meter label={t('cpu')} value={load.cpu} className="h-1" />
          <Meter label={t('memory')} value={load.memory} part={load.memoryOfContainers} className="h-1" />
        </>
      ) : (
        <>
          <Row label={t('cpu')} meter={<Meter label={t('cpu')} value={load.cpu} />}>
            {host.usage.cpuCores === null ? (
              <span className="text-faint">–</span>
            ) : (
              <>
                <Cores cores={host.usage.cpuCores} /> <Of>{facts.cpus}</Of>
              </>
            )}
          </Row>
          <Row
            label={t('memory')}
            meter={<Meter label={t('memory')} value={load.memory} part={load.memoryOfContainers} />}
          >
            <Bytes bytes={facts.memoryBytes - facts.memoryAvailableBytes} />{' '}
            <Of>
              <Bytes bytes={facts.memoryBytes} />
            </Of>
          </Row>
          <Row label={t('disk')} meter={<Meter label={t('disk')} value={load.disk} />}>
            <Bytes bytes={facts.diskTotalBytes - facts.diskFreeBytes} />{' '}
            <Of>
              <Bytes bytes={facts.diskTotalBytes} />
            </Of>
          </Row>
        </>
      )}
    </span>
  )
}

function Row({ label, meter, children }: { label: string; meter: ReactNode; children: ReactNode }) {
  return (
    <span className="grid grid-cols-[4rem_minmax(3rem,1fr)_9.5rem] items-center gap-2 text-xs">
      <span className="text-muted">{label}</span>
      {meter}
      <span className="text-right tabular-nums">{children}</span>
    </span>
  )
}

function Of({ children }: { children: ReactNode }) {
  const t = useTranslations('overview')
  return (
    <span className="text-faint">
      {t('of')} {children}
    </span>
  )
}
