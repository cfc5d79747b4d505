'use client'

import { Progress } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { setActivity } from './activity-store.ts'
import { doneOf, type BulkOperation } from './bulk.ts'
import { useBulkWords } from './use-bulk-words.ts'

/** How far one change of many is: a bar of all that has ended. */
export function BulkBar({ operation, className }: { operation: BulkOperation; className?: string }) {
  const words = useBulkWords()
  const { ended, total } = operation.counts
  return (
    <Progress
      value={total === 0 ? 1 : ended / total}
      label={words.doing(operation)}
      {...(className ? { className } : {})}
    />
  )
}

/** n of N in words, with how many failed and how many were left. */
export function BulkCounts({ operation, isLink = false }: { operation: BulkOperation; isLink?: boolean }) {
  const t = useTranslations('bulk')
  const { total, failed, cancelled } = operation.counts
  return (
    <span className="inline-flex gap-2 whitespace-nowrap tabular-nums">
      <span>{t('progress', { done: doneOf(operation), total })}</span>
      {failed === 0 ? null : isLink ? (
        <button
          type="button"
          className="rounded-sm text-bad underline focus-visible:outline-2 focus-visible:outline-accent"
          onClick={() => setActivity(true, operation.id)}
        >
          {t('failed', { count: failed })}
        </button>
      ) : (
        <span className="text-bad">{t('failed', { count: failed })}</span>
      )}
      {cancelled === 0 ? null : <span className="text-muted">{t('left', { count: cancelled })}</span>}
    </span>
  )
}
