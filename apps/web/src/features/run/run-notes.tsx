'use client'

import { Button, Note } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { ErrorNote } from '../../data/error-note.tsx'
import type { usePlaces } from './use-places.ts'

/** What stands above the form: hosts that could not be read, a refusal that is about no field, what a pasted line lost. */
export function RunNotes(props: {
  hosts: ReturnType<typeof usePlaces>['query']
  refusal: { error: unknown } | null
  ignored: readonly string[]
  onUnderstood: () => void
}) {
  const t = useTranslations('run')
  const { hosts, refusal, ignored } = props
  return (
    <>
      {hosts.isError ? (
        <ErrorNote error={hosts.error} title={t('hostsFailed')} onRetry={() => void hosts.refetch()} />
      ) : null}
      {refusal === null ? null : <ErrorNote error={refusal.error} title={t('refused')} />}
      {ignored.length > 0 ? (
        <Note
          tone="warn"
          title={t('ignoredTitle')}
          action={
            <Button size="sm" onClick={props.onUnderstood}>
              {t('understood')}
            </Button>
          }
        >
          <code className="font-mono text-xs">{ignored.join('  ')}</code>
        </Note>
      ) : null}
    </>
  )
}
