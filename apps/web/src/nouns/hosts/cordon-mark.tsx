'use client'

import type { FleetHost } from '@flotilla/protocol'
import { cn } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { useCordonWords } from './use-cordon-words.ts'

/** How much of it is shown: the sentence, one word, or the shape alone, whose word readers hear. */
type Size = 'word' | 'short' | 'shape'

/** A hatched mark of a host that takes no new containers; who wants that and why stands behind it on hover. */
export function CordonMark(props: { host: Pick<FleetHost, 'cordon'>; size?: Size; className?: string }) {
  const t = useTranslations('hosts.cordon')
  const words = useCordonWords()
  const { size = 'word', host } = props
  if (host.cordon === null) return null
  return (
    <span
      title={words(host.cordon)}
      className={cn('inline-flex min-w-0 items-center gap-1.5 align-top whitespace-nowrap text-muted', props.className)}
    >
      <svg viewBox="0 0 10 10" aria-hidden className="size-2.5 shrink-0" fill="none" stroke="currentColor">
        <rect x=".7" y=".7" width="8.6" height="8.6" rx="1" strokeWidth="1.4" />
        <path d="M1 6 6 1M1 9.4 9.4 1M4 9 9 4" strokeWidth="1.1" />
      </svg>
      {size === 'shape' ? (
        <span className="sr-only">{t('word')}</span>
      ) : (
        <span className="truncate">{t(size === 'short' ? 'short' : 'word')}</span>
      )}
    </span>
  )
}
