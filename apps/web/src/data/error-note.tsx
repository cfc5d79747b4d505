'use client'

import type { ReportedError } from '@flotilla/protocol'
import { Button, CopyButton, Note } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { useHiddenText } from '../format/with-hidden.tsx'
import { ClientError, errorCode, errorDetails, errorFacts, errorMessage } from './error.ts'

type Advice = Parameters<ReturnType<typeof useTranslations<'errors'>>>[0]
const known = new Set([
  'UNAUTHENTICATED',
  'PERMISSION_DENIED',
  'NOT_FOUND',
  'UNAVAILABLE',
  'TIMEOUT',
  'RESOURCE_EXHAUSTED',
  'INTERNAL',
])

/**
 * What happened, in the reader's language. A language has its sentence of a kind at `errors.kinds`; English has none there,
 * for the English sentence comes with the error. What has no kind (an older agent's) is shown as it came, and where nothing
 * came at all the code has its advice.
 */
export function useErrorText(): (error: unknown) => string {
  const t = useTranslations('errors')
  const plain = useHiddenText()
  return (error) => {
    const { kind, params } = errorFacts(error)
    const own = `kinds.${kind ?? ''}` as Advice
    if (kind !== undefined && t.has(own)) return plain(t(own, params))
    const code = errorCode(error)
    return plain(errorMessage(error) ?? t((known.has(code) ? code : 'INTERNAL') as Advice))
  }
}

/** A failure that an answer holds, as its sentence alone. */
export function ErrorText({ error }: { error: ReportedError }) {
  return <>{useErrorText()(new ClientError(error))}</>
}

/** A failure in one line, with its code: under the field that it is about. */
export function ErrorLine({ error }: { error: unknown }) {
  const text = useErrorText()(error)
  return (
    <>
      {text} <ErrorCode error={error} />
    </>
  )
}

/** What the failure is called, in the API as here. */
function ErrorCode({ error }: { error: unknown }) {
  return <code className="font-mono text-xs whitespace-nowrap">{errorCode(error)}</code>
}

/** A failure that stays in the page: what happened, what to do, its code, retry, details to copy. */
export function ErrorNote({
  error,
  title,
  onRetry,
  className,
}: {
  error: unknown
  title?: string
  onRetry?: () => void
  className?: string
}) {
  const t = useTranslations('errors')
  const common = useTranslations('common')
  const text = useErrorText()(error)
  return (
    <Note
      tone="bad"
      title={title ?? t('title')}
      {...(className ? { className } : {})}
      action={
        <>
          {onRetry ? (
            <Button size="sm" onClick={onRetry}>
              {common('retry')}
            </Button>
          ) : null}
          <CopyButton
            showLabel
            text={errorDetails(error)}
            label={t('copyDetails')}
            copiedLabel={common('copied')}
            failedLabel={common('copyFailed')}
          />
        </>
      }
    >
      {text} <ErrorCode error={error} />
    </Note>
  )
}
