'use client'

import type { FileEntry, FleetVolume } from '@flotilla/protocol'
import { useCallback, useMemo } from 'react'
import { useUrlState } from '../../../navigation/url-state.ts'
import { useFileColumns } from './file-columns.tsx'
import { joinPath } from './file-path.ts'
import { useFileMenu, type FileVerb } from './use-file-menu.tsx'
import { useLinks } from './use-links.ts'

/** What a folder's list shows of its entries and does with them: `open` goes into a folder or to a file's text, through links too. */
export function useEntries(options: {
  volume: FleetVolume
  path: string
  onVerb: (verb: FileVerb, entry: FileEntry) => void
}) {
  const { volume, path, onVerb } = options
  const { go } = useUrlState()
  const follow = useLinks(volume.id, path)
  const open = useCallback(
    (entry: FileEntry) => {
      const target = joinPath(path, entry.name)
      void follow(entry, (type) => {
        if (type === 'folder') go({ path: target, q: null })
        else if (type === 'file') go({ file: target })
      })
    },
    [path, follow, go],
  )
  const menu = useFileMenu({ volume, path, follow, onOpen: open, onVerb })
  const plain = useFileColumns()
  const columns = useMemo(() => [...plain, menu.column], [plain, menu.column])
  return { open, columns, onMenu: menu.open }
}
