'use client'

import type { FileEntry, FleetVolume } from '@flotilla/protocol'
import type { ColumnDef } from '@tanstack/react-table'
import { Archive, Download, FileSymlink, PencilLine, SquarePen, Trash2 } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useUrlState } from '../../../navigation/url-state.ts'
import { VerbMenu } from '../../../noun-pages/verb-menu.tsx'
import type { VerbGroups } from '../../../noun-pages/verb.ts'
import { contentAddress } from './content.ts'
import { joinPath } from './file-path.ts'
import type { useLinks } from './use-links.ts'

export type FileVerb = 'rename' | 'remove'

interface MenuOptions {
  volume: FleetVolume
  path: string
  /** Says what an entry is, a symbolic link as what it leads to. */
  follow: ReturnType<typeof useLinks>
  onOpen: (entry: FileEntry) => void
  onVerb: (verb: FileVerb, entry: FileEntry) => void
}

/** The column with the menu of each entry; `open` opens that of the entry of a name. */
export function useFileMenu(options: MenuOptions): { column: ColumnDef<FileEntry>; open: (name: string) => void } {
  const actions = useTranslations('table')('actions')
  const verbs = useFileVerbs(options)
  const [menuFor, setMenuFor] = useState<string | null>(null)
  const column = useMemo<ColumnDef<FileEntry>>(
    () => ({
      id: 'menu',
      header: () => <span className="sr-only">{actions}</span>,
      meta: { track: '2.25rem', always: true, align: 'end' },
      cell: ({ row: { original } }) => (
        <VerbMenu
          row={original}
          name={original.name}
          verbs={verbs}
          open={menuFor === original.name}
          onOpenChange={(isOpen) => setMenuFor(isOpen ? original.name : null)}
        />
      ),
    }),
    [actions, verbs, menuFor],
  )
  return { column, open: setMenuFor }
}

function useFileVerbs({ volume, path, follow, onOpen, onVerb }: MenuOptions): VerbGroups<FileEntry> {
  const t = useTranslations('volumeFiles')
  const { go } = useUrlState()
  return useMemo(() => {
    const of = (entry: FileEntry) => joinPath(path, entry.name)
    const first = (run: (entry: FileEntry) => void) => (entries: readonly FileEntry[]) => {
      if (entries[0] !== undefined) run(entries[0])
    }
    const hasBytes = ({ type }: FileEntry) => type === 'file' || type === 'symlink'
    return [
      [
        {
          name: 'follow',
          title: t('link.open'),
          icon: FileSymlink,
          suits: ({ type }) => type === 'symlink',
          run: first(onOpen),
        },
        {
          name: 'edit',
          title: t('edit'),
          icon: SquarePen,
          suits: ({ type }) => type === 'file',
          run: first((entry) => go({ file: of(entry) })),
        },
        {
          name: 'download',
          title: t('download'),
          icon: Download,
          suits: hasBytes,
          run: first((entry) => {
            const as = (type: FileEntry['type']) => (type === 'folder' ? 'tar' : 'bytes')
            void follow(entry, (type) => save(contentAddress(volume.id, of(entry), as(type))))
          }),
        },
        {
          name: 'tar',
          title: t('downloadTar'),
          icon: Archive,
          suits: (entry) => hasBytes(entry) || entry.type === 'folder',
          run: first((entry) => void follow(entry, () => save(contentAddress(volume.id, of(entry), 'tar')))),
        },
      ],
      [
        {
          name: 'rename',
          title: t('rename'),
          icon: PencilLine,
          permission: 'volumes.files.write',
          run: first((entry) => onVerb('rename', entry)),
        },
        {
          name: 'remove',
          title: t('delete'),
          icon: Trash2,
          permission: 'volumes.files.write',
          isDanger: true,
          run: first((entry) => onVerb('remove', entry)),
        },
      ],
    ]
  }, [t, go, volume.id, path, follow, onOpen, onVerb])
}

/** The browser takes the bytes as they come; the page holds none of them. */
function save(address: string): void {
  const link = document.createElement('a')
  link.href = address
  link.download = ''
  link.click()
}
