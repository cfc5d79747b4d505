'use client'

import type { FleetOperation } from '@flotilla/protocol'
import { Button, cn, StateDot } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { Activity } from 'lucide-react'
import { Suspense, useEffect } from 'react'
import { lazily } from '../../data/lazily.ts'
import { DialogPart } from '../../data/part.tsx'
import { useTranslations } from 'use-intl'
import { useIdle } from '../../data/idle.ts'
import { useTrpc } from '../../data/trpc.ts'
import { setActivity, useActivity } from '../../nouns/operations/activity-store.ts'

const ActivitySheet = lazily(() => import('./activity-sheet.tsx').then((module) => module.ActivitySheet))
const Endings = lazily(() => import('./endings.tsx').then((module) => module.Endings))

const none: readonly FleetOperation[] = []
const refreshMs = 5000
const openRefreshMs = 2500

/** What goes on in the fleet and what went on lately, for everybody who may see it; it lives on the hosts, not in the tab. */
export function ActivityTray() {
  const t = useTranslations('operations')
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
  const idle = useIdle()
  const operations = query.data ?? none
  const running = operations.filter((operation) => operation.state === 'running')
  const ended = operations.filter((operation) => operation.state !== 'running')
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
      {idle || open ? (
        <DialogPart onClose={() => setActivity(false)}>
          <ActivitySheet open={open} query={query} running={running} ended={ended} shown={shown} />
        </DialogPart>
      ) : null}
    </>
  )
}
