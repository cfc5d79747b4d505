'use client'

import { CopyButton, Panel } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { WithHidden } from '../format/with-hidden.tsx'

/** A thing as its engine tells it. */
export function NativeJson({ value, className }: { value: unknown; className?: string }) {
  const t = useTranslations('table.json')
  const common = useTranslations('common')
  const text = JSON.stringify(value, null, 2)
  return (
    <Panel
      flush
      title={t('title')}
      {...(className === undefined ? {} : { className })}
      actions={
        <CopyButton
          text={text}
          label={t('copy')}
          copiedLabel={common('copied')}
          failedLabel={common('copyFailed')}
          className="size-7"
        />
      }
    >
      <pre
        tabIndex={0}
        aria-label={t('title')}
        className="max-h-80 overflow-auto p-3 font-mono text-xs leading-5 focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-accent"
      >
        <WithHidden text={text} />
      </pre>
    </Panel>
  )
}
