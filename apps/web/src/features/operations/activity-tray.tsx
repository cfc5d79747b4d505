'use client'

import type { FleetOperation } from '@flotilla/protocol'
import { Button, cn, Empty, Sheet, Skeleton, StateDot } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { Activity } from 'lucide-react'
import { lazy, Suspense, useEffect, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorNote } from '../../data/error-note.tsx'
import { useTrpc } from '../../data/trpc.ts'
import { setActivity, useActivity } from '../../nouns/operations/activity-store.ts'
import { useEndings } from './use-endings.ts'

const OperationLine = lazy(() =>
  import('../../nouns/operations/operation-line.tsx').then((module) => ({ default: module.OperationLine })),
)

const none: readonly FleetOperation[] = []
const earlierShown = 50
const refreshMs = 5000
const openRefreshMs = 2500

/** What goes on in the fleet and what went on lately, for everybody who may see it; it lives on the hosts, not in the tab. */
export function ActivityTray() {
  const t = useTranslations('operations')
  const common = useTranslations('common')
  const trpc = useTrpc()
  const { open, shown } = useActivity()
  const query = useQuery(
    trpc.operations.list.queryOptions(
      {},
      {
        // Only long work is told as it goes; short changes are asked for while somebody looks. What runs may be watched by
        // another control plane, or one that has restarted since.
        refetchInterval: ({ state }) =>
          open ? openRefreshMs : state.data?.some((each) => each.state === 'running') ? refreshMs : false,
      },
    ),
  )
  const { refetch } = query
  useEffect(() => {
    if (open) void refetch()
  }, [open, refetch])
  const content = useRef<HTMLDivElement>(null)
  const operations = query.data ?? none
  useEndings(operations)
  const running = operations.filter((operation) => operation.state === 'running')
  const ended = operations.filter((operation) => operation.state !== 'running')
  const earlier = ended.slice(0, earlierShown)
  useEffect(() => {
    // What ends goes to another list and takes the focus of its button with it: the keys stay in the tray.
    if (open && document.activeElement === document.body)
      content.current?.closest<HTMLElement>('[role="dialog"]')?.focus()
  }, [open, running.length])
  return (
    <>
      <Button
        kind="ghost"
        size="icon"
        aria-label={running.length === 0 ? t('open') : t('openRunning', { count: running.length })}
        aria-expanded={open}
        aria-haspopup="dialog"
        className={cn('relative', running.length > 0 && 'w-auto gap-1.5 px-2 text-fg')}
        onClick={() => setActivity(true)}
      >
        {running.length === 0 ? <Activity /> : <StateDot tone="busy" className="size-3" />}
        {running.length === 0 ? null : <span className="text-xs tabular-nums">{running.length}</span>}
      </Button>
      <Sheet
        open={open}
        onOpenChange={(wanted) => setActivity(wanted)}
        title={t('title')}
        label={t('title')}
        closeLabel={common('close')}
        modal={false}
      >
        <div ref={content}>
          {query.isError && operations.length === 0 ? (
            <ErrorNote
              className="m-4"
              error={query.error}
              title={t('listFailed')}
              onRetry={() => void query.refetch()}
            />
          ) : null}
          {query.isPending ? (
            <div className="space-y-3 p-4">
              <Skeleton className="h-12" />
              <Skeleton className="h-12" />
            </div>
          ) : null}
          {query.isSuccess && operations.length === 0 ? (
            <Empty icon={<Activity />} title={t('emptyTitle')}>
              {t('emptyText')}
            </Empty>
          ) : null}
          <Part title={t('running')} operations={running} shown={shown} />
          <Part title={t('earlier')} operations={earlier} shown={shown} />
          {ended.length > earlier.length ? (
            <p className="px-4 py-3 text-xs text-muted">{t('older', { count: ended.length - earlier.length })}</p>
          ) : null}
        </div>
      </Sheet>
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
            <Suspense fallback={<Skeleton className="m-4 h-12" />}>
              <OperationLine operation={operation} isShown={operation.id === shown} />
            </Suspense>
          </li>
        ))}
      </ul>
    </section>
  )
}
