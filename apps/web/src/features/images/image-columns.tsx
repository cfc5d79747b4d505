'use client'

import type { FleetImage } from '@flotilla/protocol'
import { Badge, cn } from '@flotilla/ui'
import type { ColumnDef } from '@tanstack/react-table'
import Link from 'next/link'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { Ago, Bytes } from '../../format/values.tsx'
import { HostCell, HostLine } from '../../noun-pages/host-cell.tsx'
import { UsersCell } from '../../noun-pages/users-cell.tsx'
import { WorkWord } from '../../nouns/operations/work-word.tsx'
import { imageName, otherTags } from '../../format/image-name.ts'
import { shortReference } from '../../format/image-reference.ts'

/** The list's columns, from the most to the least needed. */
export function useImageColumns(): ColumnDef<FleetImage>[] {
  const t = useTranslations('images')
  return useMemo(
    () => [
      {
        id: 'reference',
        header: t('columns.image'),
        meta: { track: 'minmax(10rem, 2.4fr)', sort: 'reference' },
        cell: ({ row: { original } }) => {
          const more = otherTags(original)
          return (
            <span className="flex min-w-0 items-center gap-2">
              <Link
                href={`/images/${encodeURIComponent(original.id)}`}
                tabIndex={-1}
                prefetch={false}
                className="truncate font-mono text-xs font-medium hover:underline"
                title={original.references.join('\n')}
              >
                {imageName(original)}
              </Link>
              <WorkWord id={original.id} />
              {more.length > 0 ? (
                <span title={more.map(shortReference).join('\n')}>
                  <Badge>{t('andMore', { count: more.length })}</Badge>
                </span>
              ) : null}
            </span>
          )
        },
      },
      {
        id: 'size',
        header: t('columns.size'),
        meta: { track: '5.5rem', align: 'right', sort: 'size' },
        cell: ({ row: { original } }) => <Bytes bytes={original.sizeBytes} />,
      },
      {
        id: 'layers',
        header: t('columns.layers'),
        meta: { track: '5rem', from: 860, align: 'right' },
        cell: ({ row: { original } }) => <span className="text-muted tabular-nums">{original.layers}</span>,
      },
      {
        id: 'used',
        header: t('columns.used'),
        meta: { track: '6.5rem', from: 560, align: 'right', sort: 'used' },
        cell: ({ row: { original } }) => (
          <UsersCell
            row={original}
            by="image"
            called={original.imageId}
            label={t('usedBy', { count: original.containerCount })}
          />
        ),
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
        id: 'id',
        header: t('columns.id'),
        meta: { track: '8rem', from: 980 },
        cell: ({ row: { original } }) => (
          <span className="font-mono text-xs text-faint" title={original.imageId}>
            {original.imageId.replace(/^sha256:/, '').slice(0, 12)}
          </span>
        ),
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

/** A row on a phone: its name and size in the first line, who uses it and where it is in the second. */
export function ImageLine({ image }: { image: FleetImage }) {
  const t = useTranslations('images')
  return (
    <span className="grid grid-cols-[minmax(0,1fr)] gap-0.5">
      <span className="flex items-center justify-between gap-3">
        <span className="truncate font-mono text-sm font-medium">{imageName(image)}</span>
        <WorkWord id={image.id} />
        <span className="shrink-0 text-xs">
          <Bytes bytes={image.sizeBytes} />
        </span>
      </span>
      <span className="flex items-center justify-between gap-3 text-xs text-muted">
        <span className={cn('truncate', image.containerCount === 0 && 'text-faint')}>
          {t('usedBy', { count: image.containerCount })}
        </span>
        <HostLine row={image} />
      </span>
    </span>
  )
}
