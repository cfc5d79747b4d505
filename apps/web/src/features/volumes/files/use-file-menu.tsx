'use client'

import type { FileEntry, FleetVolume } from '@flotilla/protocol'
import type { ColumnDef } from '@tanstack/react-table'
import { Archive, Download, PencilLine, SquarePen, Trash2 } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useTranslations } from 'use-intl'
import { useUrlState } from '../../../navigation/url-state.ts'
import { VerbMenu } from '../../../noun-pages/verb-menu.tsx'
import type { VerbGroups } from '../../../noun-pages/verb.ts'
import { contentAddress } from './content.ts'
import { joinPath } from './file-path.ts'

export type FileVerb = 'rename' | 'remove'

/** The column with the menu of each entry; `open` opens that of the entry of a name. */
export function useFileMenu(options: {
  volume: FleetVolume
  path: string
  onVerb: (verb: FileVerb, entry: FileEntry) => void
}): { column: ColumnDef<FileEntry>; open: (name: string) => void } {
  const t = useTranslations('volumeFiles')
  const actions = useTranslations('table')('actions')
  const { go } = useUrlState()
  const { volume, path, onVerb } = options
  const [menuFor, setMenuFor] = useState<string | null>(null)
  const column = useMemo<ColumnDef<FileEntry>>(() => {
    const of = (entry: FileEntry) => joinPath(path, entry.name)
    const first = (run: (entry: FileEntry) => void) => (entries: readonly FileEntry[]) => {
      if (entries[0] !== undefined) run(entries[0])
    }
    const verbs: VerbGroups<FileEntry> = [
      [
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
          suits: ({ type }) => type === 'file',
          run: first((entry) => save(contentAddress(volume.id, of(entry), 'bytes'))),
        },
        {
          name: 'tar',
          title: t('downloadTar'),
          icon: Archive,
          suits: ({ type }) => type === 'file' || type === 'folder',
          run: first((entry) => save(contentAddress(volume.id, of(entry), 'tar'))),
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
    return {
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
    }
  }, [t, actions, go, volume.id, path, onVerb, menuFor])
  return { column, open: setMenuFor }
}

/** The browser takes the bytes as they come; the page holds none of them. */
function save(address: string): void {
  const link = document.createElement('a')
  link.href = address
  link.download = ''
  link.click()
}
