'use client'

import { useTranslations } from 'use-intl'
import { type RenderFailureProps, WaysOn } from '../data/failures.tsx'
import { Entry } from '../entry/entry.tsx'

/** In the place of everything, where the frame itself could not be drawn. */
export function WholeFailure({ error, reset }: RenderFailureProps) {
  const t = useTranslations('errors.render.whole')
  return (
    <Entry title={t('title')}>
      <div role="alert">
        <p className="text-base text-muted">{t('text')}</p>
        <WaysOn error={error} reset={reset} />
      </div>
    </Entry>
  )
}
