'use client'

import type { FleetOperation } from '@flotilla/protocol'
import { Button, cn, Sheet, Skeleton, StateDot } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { Activity } from 'lucide-react'
import { lazy, Suspense, useEffect, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { useTrpc } from '../../data/trpc.ts'
import { setActivity, useActivity } from '../../nouns/operations/activity-store.ts'

const ActivityList = lazy(() => import('./activity-list.tsx').then((module) => ({ default: module.ActivityList })))
const Endings = lazy(() => import('./endings.tsx').then((module) => ({ default: module.Endings })))

const none: readonly FleetOperation[] = []
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
  const running = operations.filter((operation) => operation.state === 'running')
  const ended = operations.filter((operation) => operation.state !== 'running')
  useEffect(() => {
    // What ends goes to another list and takes the focus of its button with it: the keys stay in the tray.
    if (open && document.activeElement === document.body)
      content.current?.closest<HTMLElement>('[role="dialog"]')?.focus()
  }, [open, running.length])
  return (
    <>
      <Suspense>
        <Endings operations={operations} />
      </Suspense>
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
          <Suspense fallback={<Skeleton className="m-4 h-12" />}>
            <ActivityList query={query} running={running} ended={ended} shown={shown} />
          </Suspense>
        </div>
      </Sheet>
    </>
  )
}
