'use client'

import type { Retained } from '@flotilla/protocol'
import { Note } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { ErrorText } from '../data/error-note.tsx'

/** What a prune left, each by its name with why; an older agent has its own sentence in place of an error. */
export function RetainedNote({ retained, nameOf }: { retained: readonly Retained[]; nameOf: (id: string) => string }) {
  const t = useTranslations('dialogs.prune')
  if (retained.length === 0) return null
  return (
    <Note tone="warn" title={t('retained', { count: retained.length })}>
      {retained.map(({ id, error, reason }) => (
        <p key={id}>
          <span className="font-mono text-xs">{nameOf(id)}</span> {error ? <ErrorText error={error} /> : reason}
        </p>
      ))}
    </Note>
  )
}
