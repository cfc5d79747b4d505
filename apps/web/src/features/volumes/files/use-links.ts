'use client'

import type { FileEntry } from '@flotilla/protocol'
import { toast } from '@flotilla/ui'
import { useCallback, useEffect, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '../../../data/error-note.tsx'
import { errorFacts } from '../../../data/error.ts'
import { joinPath, shownPath } from './file-path.ts'
import { followLink } from './follow-link.ts'

/** Hands on what an entry is, a symbolic link as what it leads to; one that leads nowhere is said to. Ends with its folder. */
export function useLinks(volume: string, path: string) {
  const t = useTranslations('volumeFiles.link')
  const errorText = useErrorText()
  const latest = useRef({ t, errorText })
  const asking = useRef<AbortController | null>(null)
  useEffect(() => {
    latest.current = { t, errorText }
  })
  useEffect(() => () => asking.current?.abort(), [])
  return useCallback(
    async (entry: FileEntry, take: (type: FileEntry['type']) => void): Promise<void> => {
      asking.current?.abort()
      if (entry.type !== 'symlink') return take(entry.type)
      const { signal } = (asking.current = new AbortController())
      try {
        const type = await followLink(volume, joinPath(path, entry.name), signal)
        if (!signal.aborted) take(type)
      } catch (error) {
        if (signal.aborted) return
        const isNothing = errorFacts(error).kind === 'file.absent'
        const words = latest.current
        const why = isNothing
          ? words.t('nothing', { target: shownPath(entry.linkTarget ?? '') })
          : words.errorText(error)
        toast('bad', words.t('failed', { name: shownPath(entry.name) }), why)
      }
    },
    [volume, path],
  )
}
