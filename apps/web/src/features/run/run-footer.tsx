'use client'

import type { EngineInfo, FleetHost } from '@flotilla/protocol'
import { dockRef } from '@flotilla/ui'
import { Play } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { GuardedButton } from '../../data/guarded-button.tsx'
import { engineTrouble, useHostTrouble } from './use-places.ts'

/** What the button will do, and the button. */
export function RunFooter(props: {
  host: FleetHost | undefined
  engine: EngineInfo | undefined
  name: string
  hasImage: boolean
  /** The image is not on the host. */
  isPulled: boolean
  busy: boolean
}) {
  const t = useTranslations('run')
  const { host, engine, name } = props
  const hostTrouble = useHostTrouble()
  const closed = host === undefined ? null : hostTrouble(host)
  const trouble = closed ?? (engine ? engineTrouble(engine) : null)
  return (
    <footer
      ref={dockRef}
      className="flex shrink-0 items-center justify-between gap-4 border-t border-line bg-surface px-4 py-2.5"
    >
      <p className="min-w-0 truncate text-xs text-muted" role="status">
        {host === undefined || (closed === null && !props.hasImage)
          ? t('sayImage')
          : (closed ?? t(props.isPulled ? 'willPullAndRun' : 'willRun', { name, host: host.name }))}
      </p>
      <GuardedButton
        kind="primary"
        size="lg"
        type="submit"
        permission="containers.create"
        reason={trouble}
        disabled={props.busy}
      >
        <Play />
        {t('run')}
        <span className="font-mono text-xs opacity-75 max-sm:hidden" aria-hidden>
          Ctrl ↵
        </span>
      </GuardedButton>
    </footer>
  )
}
