'use client'

import { StateDot, Tooltip } from '@flotilla/ui'
import { useFormatter, useTranslations } from 'use-intl'
import { useElapsed } from '../format/clock.ts'
import { useLiveStatus } from '../live/live-provider.tsx'

/** Whether what is shown is live; where it is not, how old it is. */
export function LiveDot() {
  const t = useTranslations('live')
  const format = useFormatter()
  const status = useLiveStatus()
  const now = useElapsed()
  const age = status.lastSeenAt === null ? null : Math.max(0, Math.round((now - status.lastSeenAt) / 1000))
  const ageText = age === null ? '' : format.number(age, { style: 'unit', unit: 'second', unitDisplay: 'narrow' })
  const text = status.connected ? t('live') : status.lastSeenAt === null ? t('connecting') : t('old', { age: ageText })
  const hint = status.connected ? t('liveHint', { age: ageText }) : t('oldHint')
  return (
    <Tooltip text={hint} side="bottom">
      <button
        type="button"
        className="flex h-8 items-center gap-1.5 rounded-md px-1.5 text-xs text-muted focus-visible:outline-2 focus-visible:outline-accent"
      >
        <StateDot tone={status.connected ? 'ok' : 'busy'} className="size-2" />
        <span className="sr-only sm:not-sr-only">{text}</span>
        {status.connected && age !== null ? (
          <span className="hidden w-6 text-right text-faint tabular-nums lg:inline">{ageText}</span>
        ) : null}
      </button>
    </Tooltip>
  )
}
