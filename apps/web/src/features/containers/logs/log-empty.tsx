'use client'

import type { FleetContainer } from '@flotilla/protocol'
import { Button, Empty, Skeleton } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import type { LogSession } from './log-session.ts'

/** A log of which no line is shown, and why: its host is away, nothing fits, nothing was printed, or it is still coming. */
export function LogEmpty(props: {
  container: FleetContainer
  isLoaded: boolean
  isFiltered: boolean
  running: boolean
}) {
  const t = useTranslations('container.logs')
  const { container } = props
  if (container.stale)
    return <Empty title={container.staleReason ?? t('away', { host: container.hostName })}>{t('awayText')}</Empty>
  if (!props.isLoaded) return <LogSkeleton />
  if (props.isFiltered) return <Empty title={t('noMatch')}>{null}</Empty>
  return <Empty title={props.running ? t('emptyRunning') : t('empty')}>{t('emptyText')}</Empty>
}

/** What stands before the first line: more of it, or that there is none. */
export function LogTop({ session }: { session: LogSession }) {
  const t = useTranslations('container.logs')
  const { store } = session
  if (store.droppedLines > 0)
    return <p className="px-4 pt-2 font-sans text-xs text-warn">{t('dropped', { count: store.droppedLines })}</p>
  if (!session.hasEarlier) return null
  return (
    <p className="px-4 pt-2 font-sans">
      <Button size="sm" disabled={session.loadingEarlier} onClick={() => session.loadEarlier()}>
        {session.loadingEarlier ? t('loadingEarlier') : t('loadEarlier')}
      </Button>
    </p>
  )
}

export function LogSkeleton() {
  return (
    <div className="flex-1 space-y-2 p-4" aria-busy="true">
      {['w-3/4', 'w-1/2', 'w-5/6', 'w-3/5', 'w-2/5', 'w-4/5'].map((width) => (
        <Skeleton key={width} className={`h-3 ${width}`} />
      ))}
    </div>
  )
}
