'use client'

import type { FleetContainer } from '@flotilla/protocol'
import { Button } from '@flotilla/ui'
import { Play, Square, Trash2, X } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { GuardedButton } from '../../data/guarded-button.tsx'
import { verbStates, type ContainerVerb } from './use-container-actions.ts'

/** What can be done to the selected rows, with their count. */
export function BulkBar({
  chosen,
  busy,
  onVerb,
  onClear,
}: {
  chosen: readonly FleetContainer[]
  busy: boolean
  onVerb: (verb: ContainerVerb) => void
  onClear: () => void
}) {
  const t = useTranslations('containers')
  if (chosen.length === 0) return null
  const any = (verb: ContainerVerb) => chosen.some((container) => verbStates[verb].has(container.state))
  return (
    <div
      role="toolbar"
      aria-label={t('bulk')}
      className="flex flex-wrap items-center gap-2 border-t border-line-strong bg-overlay px-4 py-2 motion-safe:animate-pop"
    >
      <span className="mr-2 text-sm font-medium tabular-nums" role="status">
        {t('selected', { count: chosen.length })}
      </span>
      <GuardedButton
        size="sm"
        permission="containers.operate"
        disabled={busy || !any('start')}
        onClick={() => onVerb('start')}
      >
        <Play />
        {t('verbs.start')}
      </GuardedButton>
      <GuardedButton
        size="sm"
        permission="containers.operate"
        disabled={busy || !any('stop')}
        onClick={() => onVerb('stop')}
      >
        <Square />
        {t('verbs.stop')}
      </GuardedButton>
      <GuardedButton
        size="sm"
        kind="danger"
        permission="containers.remove"
        disabled={busy}
        onClick={() => onVerb('remove')}
      >
        <Trash2 />
        {t('verbs.remove')}
      </GuardedButton>
      <Button kind="ghost" size="icon-sm" className="ml-auto" aria-label={t('clearSelection')} onClick={onClear}>
        <X />
      </Button>
    </div>
  )
}
