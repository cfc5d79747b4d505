'use client'

import { Button, CopyButton, StateDot } from '@flotilla/ui'
import { useQueryClient } from '@tanstack/react-query'
import { RotateCw } from 'lucide-react'
import { useSearchParams } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { errorDetails } from '../data/error.ts'
import { MissingCode } from '../data/lazily.ts'
import { Entry } from '../entry/entry.tsx'

export interface RenderFailureProps {
  error: Error
  /** Draws once more what failed. */
  reset: () => void
}

/** In the place of a page that could not be drawn; the frame around it stays. Another address of the same page is another try. */
export function PageFailure({ error, reset }: RenderFailureProps) {
  const t = useTranslations('errors.render')
  const now = useSearchParams()
  const [failed] = useState(now)
  useEffect(() => {
    if (now !== failed) reset()
  }, [now, failed, reset])
  return (
    <section role="alert" className="min-h-0 max-w-2xl flex-1 overflow-y-auto p-4">
      <h2 className="flex items-center gap-2 text-lg font-semibold">
        <StateDot tone="bad" />
        {t('title')}
      </h2>
      <p className="mt-1 text-base text-muted">{t('text')}</p>
      <WaysOn error={error} reset={reset} />
    </section>
  )
}

/** In the place of everything, where the frame itself could not be drawn. */
export function WholeFailure({ error, reset }: RenderFailureProps) {
  const t = useTranslations('errors.render')
  return (
    <Entry title={t('wholeTitle')}>
      <div role="alert">
        <p className="text-base text-muted">{t('wholeText')}</p>
        <WaysOn error={error} reset={reset} />
      </div>
    </Entry>
  )
}

/** Another try, which has the focus where nothing else has it, and what happened, to be copied. */
function WaysOn({ error, reset }: RenderFailureProps) {
  const t = useTranslations('errors')
  const common = useTranslations('common')
  const queryClient = useQueryClient()
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (document.activeElement === document.body) button.current?.focus()
  }, [])
  const [isAsking, setAsking] = useState(false)
  const again = async () => {
    if (error instanceof MissingCode) return window.location.reload()
    setAsking(true)
    // What could not be drawn may be an answer that is still held, here or by the frame.
    queryClient.removeQueries({ type: 'inactive' })
    await queryClient.refetchQueries({ type: 'active' })
    setAsking(false)
    reset()
  }
  return (
    <>
      <div className="mt-4 flex flex-wrap gap-2">
        <Button ref={button} busy={isAsking} onClick={() => void again()}>
          <RotateCw className={isAsking ? 'motion-safe:animate-spin' : ''} />
          {common('retry')}
        </Button>
        <CopyButton
          showLabel
          text={errorDetails(error)}
          label={t('copyDetails')}
          copiedLabel={common('copied')}
          failedLabel={common('copyFailed')}
          className="h-8 max-sm:h-10"
        />
      </div>
      <p className="mt-4 border-l-2 border-bad pl-3 font-mono text-xs wrap-anywhere text-muted">
        {error.name}: {error.message}
      </p>
    </>
  )
}
