'use client'

import type { FleetVolume } from '@flotilla/protocol'
import { Badge, cn } from '@flotilla/ui'
import type { ColumnDef } from '@tanstack/react-table'
import Link from 'next/link'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { Ago, Bytes } from '../../format/values.tsx'
import { volumeName } from '../../format/volume-name.ts'
import { HostCell, HostLine } from '../../noun-pages/host-cell.tsx'
import { LabelsCell } from '../../noun-pages/labels-cell.tsx'
import { UsersCell } from '../../noun-pages/users-cell.tsx'
import { WorkWord } from '../../nouns/operations/work-word.tsx'

/** The list's columns, from the most to the least needed. */
export function useVolumeColumns(): ColumnDef<FleetVolume>[] {
  const t = useTranslations('volumes')
  return useMemo(
    () => [
      {
        id: 'name',
        header: t('columns.name'),
        meta: { track: 'minmax(10rem, 2fr)', sort: 'name' },
        cell: ({ row: { original } }) => <NameCell volume={original} />,
      },
      {
        id: 'used',
        header: t('columns.used'),
        meta: { track: '6.5rem', align: 'right', sort: 'used' },
        cell: ({ row: { original } }) => (
          <UsersCell
            row={original}
            by="volume"
            called={original.name}
            label={t('usedBy', { count: original.containerCount })}
          />
        ),
      },
      {
        id: 'size',
        header: t('columns.size'),
        meta: { track: '10rem', from: 700, align: 'right', sort: 'size' },
        cell: ({ row: { original } }) => <SizeCell volume={original} />,
      },
      {
        id: 'host',
        header: () => <span className="pl-4">{t('columns.host')}</span>,
        meta: { track: 'minmax(10rem, 1fr)', from: 640, sort: 'host' },
        cell: ({ row: { original } }) => (
          <span className="pl-4">
            <HostCell row={original} />
          </span>
        ),
      },
      {
        id: 'labels',
        header: t('columns.labels'),
        meta: { track: 'minmax(8rem, 1.4fr)', from: 900 },
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

function NameCell({ volume }: { volume: FleetVolume }) {
  const t = useTranslations('volumes')
  return (
    <span className="flex min-w-0 items-center gap-2">
      <Link
        href={`/volumes/${encodeURIComponent(volume.id)}`}
        tabIndex={-1}
        prefetch={false}
        className="truncate font-mono text-xs font-medium hover:underline"
        title={volume.name}
      >
        {volumeName(volume)}
      </Link>
      <WorkWord id={volume.id} />
      {volume.anonymous ? (
        <span title={t('anonymousHint')}>
          <Badge>{t('anonymous')}</Badge>
        </span>
      ) : null}
    </span>
  )
}

/** The size that was measured last, and how long ago: a list measures nothing. */
function SizeCell({ volume: { size } }: { volume: FleetVolume }) {
  if (size === undefined) return <span className="text-faint">–</span>
  return (
    <>
      <Ago at={size.measuredAt} className="mr-2 text-xs text-faint" />
      <Bytes bytes={size.sizeBytes} />
    </>
  )
}

/** A row on a phone: its name in the first line, who uses it, its size where that is known and where it is in the second. */
export function VolumeLine({ volume }: { volume: FleetVolume }) {
  const t = useTranslations('volumes')
  return (
    <span className="grid grid-cols-[minmax(0,1fr)] gap-0.5">
      <span className="flex items-center justify-between gap-3">
        <span className="truncate font-mono text-sm font-medium">{volumeName(volume)}</span>
        <WorkWord id={volume.id} />
        {volume.anonymous ? <Badge>{t('anonymous')}</Badge> : null}
      </span>
      <span className="flex items-center justify-between gap-3 text-xs text-muted">
        <span className="flex min-w-0 gap-4">
          <span className={cn('truncate', volume.containerCount === 0 && 'text-faint')}>
            {t('usedBy', { count: volume.containerCount })}
          </span>
          {volume.size === undefined ? null : (
            <span className="shrink-0">
              <SizeCell volume={volume} />
            </span>
          )}
        </span>
        <HostLine row={volume} />
      </span>
    </span>
  )
}
