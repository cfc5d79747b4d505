'use client'

import type { FleetOperation } from '@flotilla/protocol'
import { Empty, Skeleton } from '@flotilla/ui'
import { Activity } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { ErrorNote } from '../../data/error-note.tsx'
import { setActivity } from '../../nouns/operations/activity-store.ts'
import { OperationLine } from '../../nouns/operations/operation-line.tsx'

const earlierShown = 50

/** What the tray holds: what runs, then what ended lately. */
export function ActivityList(props: {
  query: { isPending: boolean; isError: boolean; isSuccess: boolean; error: unknown; refetch: () => Promise<unknown> }
  running: readonly FleetOperation[]
  ended: readonly FleetOperation[]
  /** The operation whose items are shown without being asked for. */
  shown: string | null
}) {
  const t = useTranslations('operations')
  const { query, running, ended, shown } = props
  const isEmpty = running.length + ended.length === 0
  const earlier = ended.slice(0, earlierShown)
  return (
    <>
      {query.isError && isEmpty ? (
        <ErrorNote className="m-4" error={query.error} title={t('listFailed')} onRetry={() => void query.refetch()} />
      ) : null}
      {query.isPending ? (
        <div className="space-y-3 p-4">
          <Skeleton className="h-12" />
          <Skeleton className="h-12" />
        </div>
      ) : null}
      {query.isSuccess && isEmpty ? (
        <Empty icon={<Activity />} title={t('emptyTitle')}>
          {t('emptyText')}
        </Empty>
      ) : null}
      <Part title={t('running')} operations={running} shown={shown} />
      <Part title={t('earlier')} operations={earlier} shown={shown} />
      {ended.length > earlier.length ? (
        <p className="px-4 py-3 text-xs text-muted">{t('older', { count: ended.length - earlier.length })}</p>
      ) : null}
    </>
  )
}

function Part(props: { title: string; operations: readonly FleetOperation[]; shown: string | null }) {
  const { title, operations, shown } = props
  if (operations.length === 0) return null
  return (
    <section>
      <h2 className="sticky top-0 border-b border-line bg-overlay px-4 pt-3 pb-1.5 text-xs text-faint">{title}</h2>
      <ul className="divide-y divide-line">
        {operations.map((operation) => (
          <li key={`${operation.hostId}/${operation.id}`}>
            <OperationLine
              operation={operation}
              isShown={operation.id === shown}
              onShow={(isShown) => setActivity(true, isShown ? operation.id : null)}
            />
          </li>
        ))}
      </ul>
    </section>
  )
}
