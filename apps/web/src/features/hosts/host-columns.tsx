'use client'

import type { FleetHost } from '@flotilla/protocol'
import { cn, Meter } from '@flotilla/ui'
import type { ColumnDef } from '@tanstack/react-table'
import Link from 'next/link'
import { useMemo } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { Ago } from '../../format/values.tsx'
import { CordonMark } from '../../nouns/hosts/cordon-mark.tsx'
import { hostLoad } from '../../nouns/hosts/host-load.ts'
import { HostState } from '../../nouns/hosts/host-state.tsx'
import { labelTexts } from './label-text.ts'

/** The list's columns, from the most to the least needed. */
export function useHostColumns(): ColumnDef<FleetHost>[] {
  const t = useTranslations('hosts.columns')
  const transports = useTranslations('hosts.transports')
  return useMemo(
    () => [
      {
        id: 'name',
        header: t('name'),
        meta: { track: 'minmax(8rem, 1.2fr)' },
        cell: ({ row: { original } }) => (
          <Link
            href={`/hosts/${encodeURIComponent(original.id)}`}
            tabIndex={-1}
            prefetch={false}
            className="font-mono text-xs font-medium hover:underline"
          >
            {original.name}
          </Link>
        ),
      },
      {
        id: 'state',
        header: t('state'),
        meta: { track: 'minmax(15.25rem, 0.9fr)' },
        cell: ({ row: { original } }) => (
          <span className="flex min-w-0 items-center gap-2">
            <HostState host={original} />
            <CordonMark host={original} size="short" />
          </span>
        ),
      },
      {
        id: 'engines',
        header: t('engines'),
        meta: { track: 'minmax(7rem, 1.2fr)', from: 830 },
        cell: ({ row: { original } }) => (
          <span className="text-muted">
            {original.engines.map((engine, index) => (
              <span
                key={engine.id}
                title={engine.reason}
                className={cn(engine.state !== 'ready' && 'text-faint line-through')}
              >
                {index > 0 ? ', ' : ''}
                {engine.name}
              </span>
            ))}
          </span>
        ),
      },
      {
        id: 'groups',
        header: t('groups'),
        meta: { track: 'minmax(7rem, 1fr)', from: 1320 },
        cell: ({ row: { original } }) => (
          <span title={labelTexts(original).join(', ')} className="truncate text-muted">
            {original.groups.join(', ')}
          </span>
        ),
      },
      {
        id: 'containers',
        header: t('containers'),
        meta: { track: '6rem', from: 580, align: 'right' },
        cell: ({ row: { original } }) => (
          <span className="tabular-nums">
            {original.counts.running}
            <span className="text-faint"> / {original.counts.containers}</span>
          </span>
        ),
      },
      {
        id: 'cpu',
        header: t('cpu'),
        meta: { track: '7.5rem', from: 960 },
        cell: ({ row: { original } }) => <Share label={t('cpu')} value={hostLoad(original).cpu} />,
      },
      {
        id: 'memory',
        header: t('memory'),
        meta: { track: '7.5rem', from: 720 },
        cell: ({ row: { original } }) => {
          const load = hostLoad(original)
          return <Share label={t('memory')} value={load.memory} part={load.memoryOfContainers} />
        },
      },
      {
        id: 'disk',
        header: t('disk'),
        meta: { track: '7.5rem', from: 1100 },
        cell: ({ row: { original } }) => <Share label={t('disk')} value={hostLoad(original).disk} />,
      },
      {
        id: 'transport',
        header: t('link'),
        meta: { track: 'minmax(6.5rem, 0.8fr)', from: 1210 },
        cell: ({ row: { original } }) => <span className="text-muted">{transports(original.transport)}</span>,
      },
      {
        id: 'seen',
        header: t('seen'),
        meta: { track: '6.5rem', from: 500, align: 'right' },
        cell: ({ row: { original } }) =>
          original.lastSeenAt === null ? (
            <span className="text-faint">–</span>
          ) : (
            <Ago at={original.lastSeenAt} className={original.state === 'connected' ? 'text-muted' : 'text-unknown'} />
          ),
      },
    ],
    [t, transports],
  )
}

/** A row on a phone: who and how in the first line, what runs and what is used in the second. */
export function HostLine({ host }: { host: FleetHost }) {
  const t = useTranslations('hosts')
  const format = useFormatter()
  const { memory } = hostLoad(host)
  return (
    <span className="grid gap-0.5">
      <span className="flex items-center justify-between gap-3">
        <span className="truncate font-mono text-sm font-medium">{host.name}</span>
        <span className="flex shrink-0 items-center gap-3 text-xs">
          <CordonMark host={host} size="short" />
          <HostState host={host} />
        </span>
      </span>
      <span className="flex items-center justify-between gap-3 text-xs text-muted">
        <span className="truncate">
          {t('runningOf', { running: host.counts.running, containers: host.counts.containers })}
        </span>
        {memory === null ? null : (
          <span className="shrink-0 tabular-nums">
            {t('columns.memory')} {format.number(memory, { style: 'percent', maximumFractionDigits: 0 })}
          </span>
        )}
      </span>
    </span>
  )
}

function Share({ label, value, part }: { label: string; value: number | null; part?: number | null }) {
  const format = useFormatter()
  if (value === null) return <span className="text-faint">–</span>
  return (
    <span className="grid grid-cols-[minmax(0,1fr)_2.5rem] items-center gap-2">
      <Meter label={label} value={value} {...(part === undefined ? {} : { part })} />
      <span className="text-right text-xs text-muted tabular-nums">
        {format.number(value, { style: 'percent', maximumFractionDigits: 0 })}
      </span>
    </span>
  )
}
