'use client'

import { CopyButton, Panel } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { WithHidden } from '../../../format/with-hidden.tsx'

/** The image as its engine tells it. */
export function ImageJson({ value }: { value: unknown }) {
  const t = useTranslations('images')
  const common = useTranslations('common')
  const text = JSON.stringify(value, null, 2)
  return (
    <Panel
      flush
      title={t('jsonTab')}
      actions={
        <CopyButton
          text={text}
          label={t('copyJson')}
          copiedLabel={common('copied')}
          failedLabel={common('copyFailed')}
          className="size-7"
        />
      }
    >
      <pre
        tabIndex={0}
        aria-label={t('jsonTab')}
        className="max-h-80 overflow-auto p-3 font-mono text-xs leading-5 focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-accent"
      >
        <WithHidden text={text} />
      </pre>
    </Panel>
  )
}
