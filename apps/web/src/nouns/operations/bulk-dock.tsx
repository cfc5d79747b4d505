'use client'

import { Button, StateDot } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import bulk from '../../../messages/en/bulk.json'
import { useTrpc } from '../../data/trpc.ts'
import { withTexts } from '../../i18n/with-texts.tsx'
import { setActivity } from './activity-store.ts'
import { isBulk } from './bulk.ts'
import { BulkBar, BulkCounts } from './bulk-progress.tsx'
import { CancelButton } from './cancel-button.tsx'
import { useBulkWords } from './use-bulk-words.ts'

/** The change of many of this noun's things that runs now, whoever began it and wherever; of several the youngest. */
export const BulkDock = withTexts({ bulk }, function BulkDock({ noun }: { noun: string }) {
  const t = useTranslations('bulk')
  const words = useBulkWords()
  const trpc = useTrpc()
  const operations = useQuery(trpc.operations.list.queryOptions({}, { enabled: false })).data ?? []
  const running = operations
    .filter(isBulk)
    .filter(({ state, method }) => state === 'running' && method.startsWith(`${noun}.`))
  const [operation] = running
  if (operation === undefined) return null
  return (
    <div
      role="group"
      aria-label={words.doing(operation)}
      className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 text-sm max-sm:order-first max-sm:w-full sm:ml-auto"
    >
      <span className="flex min-w-0 items-center gap-2 font-medium">
        <StateDot tone="busy" />
        {words.doing(operation)}
      </span>
      <BulkBar operation={operation} className="w-30 max-sm:order-last max-sm:w-full" />
      <BulkCounts operation={operation} isLink />
      {running.length > 1 ? (
        <Button kind="ghost" size="sm" onClick={() => setActivity(true)}>
          {t('more', { count: running.length - 1 })}
        </Button>
      ) : null}
      <span className="max-sm:ml-auto">
        <CancelButton key={operation.id} operation={operation} kind="ghost" />
      </span>
    </div>
  )
})
