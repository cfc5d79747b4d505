'use client'

import type { Overview } from '@flotilla/protocol'
import { Empty, Skeleton, StateDot } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { Play } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'use-intl'
import overview from '../../../messages/en/overview.json'
import { ErrorNote } from '../../data/error-note.tsx'
import { GuardedButton } from '../../data/guarded-button.tsx'
import { useTrpc } from '../../data/trpc.ts'
import { useNow } from '../../format/clock.ts'
import { Ago } from '../../format/values.tsx'
import { withTexts } from '../../i18n/with-texts.tsx'
import { ChangeList } from './change-list.tsx'
import { changesOf, repeated } from './changes.ts'
import { HostStrip } from './host-strip.tsx'
import { HourChart } from './hour-chart.tsx'
import { ProblemList } from './problem-list.tsx'

const hourMs = 60 * 60_000
const panel = 'flex min-w-0 flex-col rounded-md border border-line bg-surface'
const heading = 'flex h-10 shrink-0 items-center justify-between gap-3 border-b border-line px-4 text-sm font-semibold'

/** What is wrong now, what changed in the last hour, what is in use. */
export const OverviewPage = withTexts({ overview }, function OverviewPage() {
  const t = useTranslations('overview')
  const trpc = useTrpc()
  const query = useQuery(trpc.overview.get.queryOptions({}))
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto p-4">
      {query.isError ? (
        <ErrorNote error={query.error} title={t('failed')} onRetry={() => void query.refetch()} />
      ) : null}
      {query.data ? <Answers overview={query.data} /> : query.isPending ? <Loading /> : null}
    </div>
  )
})

function Answers({ overview }: { overview: Overview }) {
  const t = useTranslations('overview')
  const { problems, hosts } = overview
  return (
    <>
      {problems.length > 0 ? <ProblemList problems={problems} hosts={hosts} /> : <AllWell overview={overview} />}
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_minmax(22rem,27rem)]">
        <Changed overview={overview} />
        <section aria-label={t('inUse')} className={panel}>
          <h2 className={heading}>
            {t('inUse')}
            <span className="text-xs font-normal text-muted">{t('hosts', { count: hosts.length })}</span>
          </h2>
          <HostStrip hosts={hosts} />
        </section>
      </div>
    </>
  )
}

/** Nothing wrong is one calm line. */
function AllWell({ overview }: { overview: Overview }) {
  const t = useTranslations('overview')
  const running = overview.hosts.reduce((sum, host) => sum + host.counts.running, 0)
  return (
    <p className="flex items-center gap-2.5 px-1 text-base">
      <StateDot tone="ok" />
      <span>{t('allWell')}</span>
      <span className="text-muted">{t('runningOn', { running, hosts: overview.hosts.length })}</span>
    </p>
  )
}

function Changed({ overview }: { overview: Overview }) {
  const t = useTranslations('overview')
  const now = useNow(60_000) + 60_000
  const from = now - hourMs
  const changes = changesOf(overview.timeline, from)
  const since = Date.parse(overview.timelineSince)
  const containers = overview.hosts.reduce((sum, host) => sum + host.counts.containers, 0)
  return (
    <section aria-label={t('changed')} className={panel}>
      <h2 className={heading}>
        {t('changed')}
        {since > from ? (
          <span className="text-xs font-normal text-muted" title={t('sinceHint')}>
            {t.rich('since', { ago: () => <Ago at={overview.timelineSince} /> })}
          </span>
        ) : null}
      </h2>
      {containers === 0 ? <FirstContainer /> : null}
      {changes.length > 0 ? (
        <>
          {containers === 0 ? null : <HourChart changes={changes} now={now} />}
          <div
            className="overflow-y-auto lg:max-h-[max(18rem,calc(100dvh-22rem))] focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-accent"
            tabIndex={0}
            role="region"
            aria-label={t('changes')}
          >
            <ChangeList changes={repeated(changes)} severalHosts={overview.hosts.length > 1} />
          </div>
        </>
      ) : containers === 0 ? null : (
        <p className="px-4 py-6 text-sm text-muted">{t('noChange')}</p>
      )}
    </section>
  )
}

function FirstContainer() {
  const t = useTranslations('overview')
  const router = useRouter()
  return (
    <Empty
      title={t('firstTitle')}
      action={
        <GuardedButton kind="primary" permission="containers.create" onClick={() => router.push('/containers/new')}>
          <Play />
          {t('run')}
        </GuardedButton>
      }
    >
      {t('firstText')}
    </Empty>
  )
}

function Loading() {
  return (
    <div aria-busy="true" className="contents">
      <Skeleton className="h-6 w-80" />
      <div className="grid animate-late items-start gap-4 lg:grid-cols-[minmax(0,1fr)_minmax(22rem,27rem)]">
        {[8, 4].map((lines) => (
          <div key={lines} className={panel}>
            <div className={heading}>
              <Skeleton className="h-3.5 w-20" />
            </div>
            {Array.from({ length: lines }, (_, index) => (
              <div key={index} className="flex h-9 items-center justify-between gap-6 border-b border-line/60 px-4">
                <Skeleton className="h-3.5 w-1/2" />
                <Skeleton className="h-3.5 w-14" />
              </div>
            ))}
          </div>
        ))}
      </div>
    </div>
  )
}
