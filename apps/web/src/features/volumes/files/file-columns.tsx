'use client'

import type { FileEntry, FileType } from '@flotilla/protocol'
import { cn } from '@flotilla/ui'
import type { ColumnDef } from '@tanstack/react-table'
import { File, FileQuestion, FileSymlink, Folder, type LucideIcon } from 'lucide-react'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import { Ago, Bytes } from '../../../format/values.tsx'
import { modeText } from './file-mode.ts'
import { shownPath } from './file-path.ts'

const icons: Record<FileType, LucideIcon> = {
  file: File,
  folder: Folder,
  symlink: FileSymlink,
  fifo: FileQuestion,
  socket: FileQuestion,
  device: FileQuestion,
}

/** What `ls -l` tells of each entry, from the most to the least needed. */
export function useFileColumns(): ColumnDef<FileEntry>[] {
  const t = useTranslations('volumeFiles')
  return useMemo(
    () => [
      {
        id: 'name',
        header: t('columns.name'),
        meta: { track: 'minmax(10rem, 3fr)', sort: 'name' },
        cell: ({ row: { original } }) => <EntryName entry={original} />,
      },
      {
        id: 'size',
        header: t('columns.size'),
        meta: { track: '6.5rem', align: 'right', sort: 'size' },
        cell: ({ row: { original } }) =>
          original.type === 'file' ? (
            <Bytes bytes={original.sizeBytes} />
          ) : original.type === 'folder' ? (
            <span className="text-faint">–</span>
          ) : (
            <span className="text-faint">{t(`types.${original.type}`)}</span>
          ),
      },
      {
        id: 'mode',
        header: t('columns.mode'),
        meta: { track: '7rem', from: 720 },
        cell: ({ row: { original } }) => (
          <span className="font-mono text-xs text-muted">{modeText(original.mode, original.type)}</span>
        ),
      },
      {
        id: 'owner',
        header: t('columns.owner'),
        meta: { track: '6rem', from: 860 },
        cell: ({ row: { original } }) => (
          <span className="font-mono text-xs text-muted">
            {original.uid}:{original.gid}
          </span>
        ),
      },
      {
        id: 'modified',
        header: t('columns.modified'),
        meta: { track: '7rem', from: 560, align: 'right', sort: 'modified' },
        cell: ({ row: { original } }) => <Ago at={original.modifiedAt} className="text-muted" />,
      },
    ],
    [t],
  )
}

function EntryName({ entry }: { entry: FileEntry }) {
  const Icon = icons[entry.type]
  const isFolder = entry.type === 'folder'
  return (
    <span className="flex min-w-0 items-center gap-2">
      <Icon aria-hidden className={cn('size-4 shrink-0', isFolder ? 'text-muted' : 'text-faint')} />
      <bdi className={cn('truncate font-mono text-xs', isFolder && 'font-medium')} title={shownPath(entry.name)}>
        {shownPath(entry.name)}
      </bdi>
      {entry.linkTarget === null ? null : (
        <bdi className="truncate font-mono text-xs text-faint" title={shownPath(entry.linkTarget)}>
          → {shownPath(entry.linkTarget)}
        </bdi>
      )}
    </span>
  )
}

/** An entry on a phone: its name in the first line, its size and age in the second. */
export function FileLine({ entry }: { entry: FileEntry }) {
  const t = useTranslations('volumeFiles')
  return (
    <span className="grid grid-cols-[minmax(0,1fr)] gap-0.5">
      <EntryName entry={entry} />
      <span className="flex items-center justify-between gap-3 pl-6 text-xs text-muted">
        {entry.type === 'file' ? <Bytes bytes={entry.sizeBytes} /> : <span>{t(`types.${entry.type}`)}</span>}
        <Ago at={entry.modifiedAt} />
      </span>
    </span>
  )
}
