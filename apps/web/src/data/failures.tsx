'use client'

import { Button, CopyButton, Dialog, StateDot } from '@flotilla/ui'
import { useQueryClient } from '@tanstack/react-query'
import { RotateCw } from 'lucide-react'
import { useSearchParams } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { errorDetails } from './error.ts'
import { MissingCode } from './lazily.ts'

export interface RenderFailureProps {
  error: Error
  /** Draws once more what failed. */
  reset: () => void
}

/** In the place of a part that could not be drawn, of which `name` is the words; what is around it stays. Another address is another try. */
export function PartFailure({ name, error, reset }: RenderFailureProps & { name: 'page' | 'tab' }) {
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
        {t(`${name}.title`)}
      </h2>
      <p className="mt-1 text-base text-muted">{t(`${name}.text`)}</p>
      <WaysOn error={error} reset={reset} />
    </section>
  )
}

/** In the place of a dialog that could not be drawn. */
export function DialogFailure({ error, reset, onClose }: RenderFailureProps & { onClose: () => void }) {
  const t = useTranslations('errors.render.dialog')
  const common = useTranslations('common')
  const close = () => {
    reset()
    onClose()
  }
  return (
    <Dialog open onOpenChange={close} title={t('title')} description={t('text')} closeLabel={common('close')}>
      <div role="alert">
        <WaysOn error={error} reset={reset} />
      </div>
    </Dialog>
  )
}

/** Another try, which has the focus where nothing else has it, and what happened, to be copied. */
export function WaysOn({ error, reset }: RenderFailureProps) {
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
