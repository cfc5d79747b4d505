'use client'

import type { FileEntry, FleetVolume } from '@flotilla/protocol'
import { Button, cn, Empty, Note } from '@flotilla/ui'
import { FolderOpen } from 'lucide-react'
import { Suspense, useCallback, useEffect, useMemo, useState, type DragEvent } from 'react'
import { lazily } from '../../../data/lazily.ts'
import { useTranslations } from 'use-intl'
import volumeFiles from '../../../../messages/en/volume-files.json'
import { ErrorNote } from '../../../data/error-note.tsx'
import { DialogPart } from '../../../data/part.tsx'
import { usePermissionReason } from '../../../data/guarded-button.tsx'
import { withTexts } from '../../../i18n/with-texts.tsx'
import { isTyping } from '../../../navigation/typing.ts'
import { useUrlState } from '../../../navigation/url-state.ts'
import { DataTable } from '../../../table/data-table.tsx'
import { useCapability } from '../../../nouns/hosts/use-capability.ts'
import { FileLine, useFileColumns } from './file-columns.tsx'
import { DeleteDialog, NameDialog } from './file-dialogs.tsx'
import { joinPath, nameOn, parentOf } from './file-path.ts'
import { FolderBar } from './folder-bar.tsx'
import { useFileMenu, type FileVerb } from './use-file-menu.tsx'
import { useFolder } from './use-folder.ts'

const TextEditor = lazily(() => import('./text-editor.tsx').then((module) => module.TextEditor))

const narrowRow = (entry: FileEntry) => <FileLine entry={entry} />

interface FilesTabProps {
  volume: FleetVolume
  /** Uploads files to a folder. */
  onFiles: (folder: string, files: readonly File[]) => void
}

/** The files of a volume: `path` in the address is the folder that is shown, `file` the one that is edited. */
export const FilesTab = withTexts({ volumeFiles }, function FilesTab({ volume, onFiles }: FilesTabProps) {
  const t = useTranslations('volumeFiles')
  const { get, go } = useUrlState()
  const permission = usePermissionReason()
  const capability = useCapability()
  const why = permission('volumes.files.read') ?? capability(volume, 'volumeFiles.list')
  const [path, file] = [get('path'), get('file')]
  const from = useFrom(file === '' ? path : file)
  if (why !== null)
    return (
      <Empty icon={<FolderOpen />} title={t('unavailable')}>
        {why}
      </Empty>
    )
  if (file !== '')
    return (
      <Suspense>
        <TextEditor key={file} volume={volume} path={file} onClose={() => go({ file: null })} />
      </Suspense>
    )
  return <Folder key={path} volume={volume} path={path} from={from} onFiles={onFiles} />
})

/** Where one was in the volume before `here`; null where one has just come to the files. */
function useFrom(here: string): string | null {
  const [way, setWay] = useState<{ from: string | null; here: string }>({ from: null, here })
  if (way.here === here) return way.from
  setWay({ from: way.here, here })
  return way.here
}

type Asked = { verb: 'mkdir'; entry: null } | { verb: 'rename' | 'remove'; entry: FileEntry }

/** One folder. Whoever comes up into it, or back from a file of it, stands where they went down. */
function Folder({ volume, path, from, onFiles }: FilesTabProps & { path: string; from: string | null }) {
  const t = useTranslations('volumeFiles')
  const { get, set, go } = useUrlState()
  const search = get('q')
  const folder = useFolder(volume.id, path, search)
  const { reload } = folder
  const [active, setActive] = useState(() => (from === null ? null : nameOn(path, from)))
  const [asked, setAsked] = useState<Asked | null>(null)
  useUp(path)
  const open = (entry: FileEntry) => {
    const target = joinPath(path, entry.name)
    if (entry.type === 'folder') go({ path: target, q: null })
    else if (entry.type === 'file') go({ file: target })
  }
  const onVerb = useCallback((verb: FileVerb, entry: FileEntry) => setAsked({ verb, entry }), [])
  const menu = useFileMenu({ volume, path, onVerb })
  const plain = useFileColumns()
  const columns = useMemo(() => [...plain, menu.column], [plain, menu.column])
  const shared = { volume: volume.id, folder: path, onDone: reload, onClose: () => setAsked(null) }
  return (
    <Drop onFiles={(files) => onFiles(path, files)}>
      <FolderBar
        volume={volume}
        path={path}
        count={folder.isPending || folder.error !== null ? '' : t('count', { count: folder.total })}
        search={search}
        onSearch={(q) => set({ q })}
        onReload={reload}
        onNewFolder={() => setAsked({ verb: 'mkdir', entry: null })}
        onFiles={(files) => onFiles(path, files)}
      />
      {folder.error === null ? null : (
        <ErrorNote className="m-4" error={folder.error} title={t('failed')} onRetry={reload} />
      )}
      {folder.truncated ? (
        <Note tone="warn" className="m-4">
          {t('truncated')}
        </Note>
      ) : null}
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
          onActive={setActive}
          onOpen={open}
          onMenu={({ name }) => menu.open(name)}
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
    </Drop>
  )
}

/** Files that are let fall anywhere on the tab are uploaded to the folder that is shown. */
function Drop({ onFiles, children }: { onFiles: (files: readonly File[]) => void; children: React.ReactNode }) {
  const may = usePermissionReason()('volumes.files.write') === null
  const [isOver, setOver] = useState(false)
  const holdsFiles = (event: DragEvent) => may && event.dataTransfer.types.includes('Files')
  return (
    <div
      className={cn('flex min-h-0 flex-1 flex-col', isOver && 'outline-2 -outline-offset-2 outline-accent')}
      onDragOver={(event) => {
        if (!holdsFiles(event)) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        if (!holdsFiles(event)) return
        event.preventDefault()
        setOver(false)
        onFiles([...event.dataTransfer.files])
      }}
    >
      {children}
    </div>
  )
}

/** Backspace goes to the folder above. */
function useUp(path: string): void {
  const { go } = useUrlState()
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key !== 'Backspace' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (path === '' || document.querySelector('[role="dialog"],[role="menu"]')) return
      event.preventDefault()
      go({ path: parentOf(path), q: null })
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [path, go])
}
