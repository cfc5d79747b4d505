'use client'

import type { hiddenSecret } from '@flotilla/protocol'
import { cn, Tooltip } from '@flotilla/ui'
import { Fragment } from 'react'
import { useTranslations } from 'use-intl'

/** Its type alone comes from the protocol, whose shapes are not for every page to load. */
export const hiddenMark: typeof hiddenSecret = '[redacted]'

const look = 'rounded-sm bg-raised px-1 font-sans text-[0.9em] text-muted italic'

/** A text in which a quiet mark stands for each secret; it says why and where the value is. */
export function WithHidden({
  text,
  inControl = false,
}: {
  text: string
  /** Inside of a button, or of a line that is cut, nothing may be focused: the sentence then comes on hover alone. */
  inControl?: boolean
}) {
  const t = useTranslations('common')
  const [first = '', ...rest] = text.split(hiddenMark)
  return (
    <>
      {first}
      {rest.map((part, at) => (
        <Fragment key={at}>
          {inControl ? (
            <span className={look} title={t('hiddenHint')}>
              {t('hidden')}
            </span>
          ) : (
            <Tooltip text={t('hiddenHint')}>
              <button
                type="button"
                className={cn(look, 'cursor-help focus-visible:outline-2 focus-visible:outline-accent')}
              >
                {t('hidden')}
              </button>
            </Tooltip>
          )}
          {part}
        </Fragment>
      ))}
    </>
  )
}

/** The same where only a text can stand: the title of an element, the sentence of an error. */
export function useHiddenText(): (text: string) => string {
  const t = useTranslations('common')
  return (text) => text.replaceAll(hiddenMark, `‹${t('hidden')}›`)
}
