'use client'

import type { FleetNetwork } from '@flotilla/protocol'
import { Badge, cn } from '@flotilla/ui'
import type { ColumnDef } from '@tanstack/react-table'
import Link from 'next/link'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { Ago } from '../../format/values.tsx'
import { HostCell, HostLine } from '../../noun-pages/host-cell.tsx'
import { LabelsCell } from '../../noun-pages/labels-cell.tsx'
import { UsersCell } from '../../noun-pages/users-cell.tsx'
import { WorkWord } from '../../nouns/operations/work-word.tsx'

/** The list's columns, from the most to the least needed. */
export function useNetworkColumns(): ColumnDef<FleetNetwork>[] {
  const t = useTranslations('networks')
  return useMemo(
    () => [
      {
        id: 'name',
        header: t('columns.name'),
        meta: { track: 'minmax(10rem, 1.6fr)', sort: 'name' },
        cell: ({ row: { original } }) => <NameCell network={original} />,
      },
      {
        id: 'used',
        header: t('columns.used'),
        meta: { track: '7rem', align: 'right', sort: 'used' },
        cell: ({ row: { original } }) => (
          <UsersCell
            row={original}
            by="network"
            called={original.name}
            label={t('usedBy', { count: original.containerCount })}
          />
        ),
      },
      {
        id: 'subnets',
        header: t('columns.subnets'),
        meta: { track: 'minmax(9rem, 1.8fr)', from: 560 },
        cell: ({ row: { original } }) => <Subnets network={original} />,
      },
      {
        id: 'driver',
        header: t('columns.driver'),
        meta: { track: '6rem', from: 860 },
        cell: ({ row: { original } }) => <span className="font-mono text-xs text-muted">{original.driver}</span>,
      },
      {
        id: 'host',
        header: t('columns.host'),
        meta: { track: 'minmax(9rem, 1fr)', from: 640, sort: 'host' },
        cell: ({ row: { original } }) => <HostCell row={original} />,
      },
      {
        id: 'labels',
        header: t('columns.labels'),
        meta: { track: 'minmax(8rem, 1.3fr)', from: 1040 },
        cell: ({ row: { original } }) => <LabelsCell labels={original.labels} />,
      },
      {
        id: 'created',
        header: t('columns.created'),
        meta: { track: '6.5rem', from: 760, align: 'right', sort: 'created' },
        cell: ({ row: { original } }) =>
          original.createdAt === null ? (
            <span className="text-faint">–</span>
          ) : (
            <Ago at={original.createdAt} className="text-muted" />
          ),
      },
    ],
    [t],
  )
}

/** That a network is the engine's own, or closed to the outside. */
export function NetworkMarks({ network }: { network: Pick<FleetNetwork, 'isDefault' | 'internal'> }) {
  const t = useTranslations('networks')
  return (
    <>
      {network.isDefault ? (
        <span title={t('defaultHint')}>
          <Badge>{t('default')}</Badge>
        </span>
      ) : null}
      {network.internal ? (
        <span title={t('internalHint')}>
          <Badge>{t('internal')}</Badge>
        </span>
      ) : null}
    </>
  )
}

function NameCell({ network }: { network: FleetNetwork }) {
  return (
    <span className="flex min-w-0 items-center gap-2">
      <Link
        href={`/networks/${encodeURIComponent(network.id)}`}
        tabIndex={-1}
        prefetch={false}
        className="truncate font-mono text-xs font-medium hover:underline"
        title={network.name}
      >
        {network.name}
      </Link>
      <WorkWord id={network.id} />
      <NetworkMarks network={network} />
    </span>
  )
}

function Subnets({ network }: { network: FleetNetwork }) {
  if (network.subnets.length === 0) return <span className="text-faint">–</span>
  const subnets = network.subnets.map(({ subnet }) => subnet)
  return (
    <span className="font-mono text-xs text-muted" title={subnets.join('\n')}>
      {subnets.join(', ')}
    </span>
  )
}

/** A row on a phone: its name and marks in the first line, how many are on it, its subnets and host in the second. */
export function NetworkLine({ network }: { network: FleetNetwork }) {
  const t = useTranslations('networks')
  return (
    <span className="grid grid-cols-[minmax(0,1fr)] gap-0.5">
      <span className="flex items-center justify-between gap-3">
        <span className="truncate font-mono text-sm font-medium">{network.name}</span>
        <WorkWord id={network.id} />
        <span className="flex shrink-0 gap-1">
          <NetworkMarks network={network} />
        </span>
      </span>
      <span className="flex items-center justify-between gap-3 text-xs text-muted">
        <span className="flex min-w-0 gap-2">
          <span className={cn('shrink-0', network.containerCount === 0 && 'text-faint')}>
            {t('usedBy', { count: network.containerCount })}
          </span>
          <span className="truncate">
            <Subnets network={network} />
          </span>
        </span>
        <HostLine row={network} />
      </span>
    </span>
  )
}
