'use client'

import type { FileEntry, FleetVolume } from '@flotilla/protocol'
import { Button, Empty, Note } from '@flotilla/ui'
import { FolderOpen } from 'lucide-react'
import { useCallback, useState } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorNote } from '../../../data/error-note.tsx'
import { DialogPart } from '../../../data/part.tsx'
import { useUrlState } from '../../../navigation/url-state.ts'
import { DataTable } from '../../../table/data-table.tsx'
import { useOrder } from '../../../table/use-order.ts'
import { DropArea } from './drop-area.tsx'
import { FileLine } from './file-columns.tsx'
import { DeleteDialog, NameDialog } from './file-dialogs.tsx'
import { nameOn } from './file-path.ts'
import { fileSorts } from './file-order.ts'
import { FolderBar } from './folder-bar.tsx'
import type { Incoming } from './incoming.ts'
import { useEntries } from './use-entries.ts'
import type { FileVerb } from './use-file-menu.tsx'
import { mostOrdered, useFolder } from './use-folder.ts'
import { useIncoming } from './use-incoming.ts'
import { useUp } from './use-up.ts'

const narrowRow = (entry: FileEntry) => <FileLine entry={entry} />

export interface FolderProps {
  volume: FleetVolume
  path: string
  /** Where one was before; null where one has just come to the files. */
  from: string | null
  /** Uploads files to a folder, and makes folders in it. */
  onFiles: (folder: string, incoming: readonly Incoming[]) => void
}

type Asked = { verb: 'mkdir'; entry: null } | { verb: 'rename' | 'remove'; entry: FileEntry }

/** One folder. Whoever comes up into it, or back from a file of it, stands where they went down. */
export function Folder({ volume, path, from, onFiles }: FolderProps) {
  const t = useTranslations('volumeFiles')
  const { get, set } = useUrlState()
  const search = get('q')
  const { order, sort } = useOrder(fileSorts)
  const folder = useFolder(volume.id, path, search, order)
  const { reload } = folder
  const [active, setActive] = useState(() => (from === null ? null : nameOn(path, from)))
  const [asked, setAsked] = useState<Asked | null>(null)
  const onVerb = useCallback((verb: FileVerb, entry: FileEntry) => setAsked({ verb, entry }), [])
  const { onDropped, onChosen } = useIncoming((incoming) => onFiles(path, incoming))
  useUp(path)
  const { open, columns, onMenu } = useEntries({ volume, path, onVerb })
  const shared = { volume: volume.id, folder: path, onDone: reload, onClose: () => setAsked(null) }
  return (
    <DropArea onDropped={onDropped}>
      <FolderBar
        volume={volume}
        path={path}
        count={folder.isPending || folder.error !== null ? '' : t('count', { count: folder.total })}
        search={search}
        onSearch={(q) => set({ q })}
        onReload={reload}
        onNewFolder={() => setAsked({ verb: 'mkdir', entry: null })}
        onFiles={onChosen}
      />
      {folder.error === null ? null : (
        <ErrorNote className="m-4" error={folder.error} title={t('failed')} onRetry={reload} />
      )}
      <Notes folder={folder} />
      {folder.error !== null && folder.entries.length === 0 ? null : (
        <DataTable
          label={t('list')}
          columns={columns}
          rows={folder.entries}
          total={folder.total}
          rowId={({ name }) => name}
          rowLabel={({ name }) => name}
          narrow={narrowRow}
          loading={folder.isPending}
          active={active}
          enters={from !== null}
          sort={folder.isTooLarge ? { ...sort, by: 'name', order: 'asc' } : sort}
          onActive={setActive}
          onOpen={open}
          onMenu={({ name }) => onMenu(name)}
          onMore={folder.onMore}
          empty={
            search === '' ? (
              <Empty icon={<FolderOpen />} title={t('emptyTitle')}>
                {t('emptyText')}
              </Empty>
            ) : (
              <Empty title={t('noMatch')} action={<Button onClick={() => set({ q: null })}>{t('clear')}</Button>} />
            )
          }
        />
      )}
      {asked === null ? null : (
        <DialogPart onClose={shared.onClose}>
          {asked.verb === 'remove' ? (
            <DeleteDialog {...shared} entry={asked.entry} />
          ) : (
            <NameDialog {...shared} entry={asked.entry} />
          )}
        </DialogPart>
      )}
    </DropArea>
  )
}

/** What one sees less of than one would think. */
function Notes({ folder }: { folder: ReturnType<typeof useFolder> }) {
  const t = useTranslations('volumeFiles')
  const notes = [
    folder.truncated ? t('truncated') : '',
    folder.isTooLarge ? t('byNameOnly', { most: mostOrdered }) : '',
  ]
  return notes
    .filter((note) => note !== '')
    .map((note) => (
      <Note key={note} tone="warn" className="m-4">
        {note}
      </Note>
    ))
}
