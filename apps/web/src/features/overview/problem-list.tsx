'use client'

import type { FleetHost, Problem } from '@flotilla/protocol'
import { Button, StateDot, cn } from '@flotilla/ui'
import Link from 'next/link'
import { useState } from 'react'
import { addressOf } from '../../navigation/addresses.ts'
import { nouns } from '../../navigation/nouns.ts'
import { useTranslations } from 'use-intl'
import { useReasonText } from '../../format/reason-text.ts'
import { Ago } from '../../format/values.tsx'

const firstShown = 5

/** What is wrong now: each with its cause and the one place to mend it. */
export function ProblemList({ problems, hosts }: { problems: readonly Problem[]; hosts: readonly FleetHost[] }) {
  const t = useTranslations('overview')
  const [all, setAll] = useState(false)
  const shown = all ? problems : problems.slice(0, firstShown)
  return (
    <section aria-label={t('wrong')} className="rounded-md border border-line bg-surface">
      <h2 className="flex h-10 items-center gap-2 border-b border-line px-4 text-sm font-semibold">
        {t('wrong')}
        <span className="font-normal text-muted tabular-nums">{problems.length}</span>
      </h2>
      <ul className={cn(all && 'max-h-[40vh] overflow-y-auto')}>
        {shown.map((problem) => (
          <Line key={problem.id} problem={problem} host={hosts.find((host) => host.id === problem.hostId)} />
        ))}
      </ul>
      {problems.length > shown.length ? (
        <div className="border-t border-line/60 px-2 py-1">
          <Button kind="ghost" size="sm" onClick={() => setAll(true)}>
            {t('more', { count: problems.length - shown.length })}
          </Button>
        </div>
      ) : null}
    </section>
  )
}

function Line({ problem, host }: { problem: Problem; host: FleetHost | undefined }) {
  const t = useTranslations('overview')
  const cause = useReasonText()(problem.cause, problem.causeFacts)
  const about = problem.object === null ? undefined : host
  const stale = about !== undefined && about.state !== 'connected'
  const { href, label } = remedy(problem)
  return (
    <li
      className={cn(
        'grid grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-3 border-b border-line/60 px-4 py-2 last:border-b-0',
        stale && 'stale',
      )}
    >
      <StateDot tone={problem.severity === 'critical' ? 'bad' : 'warn'} />
      <div className="min-w-0 text-sm lg:flex lg:items-baseline lg:gap-3">
        <p className="font-medium break-words lg:max-w-[70%] lg:shrink-0 lg:truncate" title={problem.title}>
          <span className="sr-only">{t(`severity.${problem.severity}`)}: </span>
          {problem.title}
        </p>
        <p className="min-w-0 break-words text-muted lg:truncate" title={cause}>
          {cause}
        </p>
      </div>
      <div className="flex items-center gap-3">
        {problem.since === null ? null : (
          <Ago at={problem.since} className="w-16 text-right text-xs text-faint max-sm:hidden" />
        )}
        <Button asChild size="sm" className="min-w-21">
          <Link href={href} prefetch={false} aria-label={`${t(`remedies.${label}`)}: ${problem.title}`}>
            {t(`remedies.${label}`)}
          </Link>
        </Button>
      </div>
    </li>
  )
}

/** Where the tab is that says more of a problem; the page itself where none does. */
const tabs: Record<string, { tab: string; label: 'logs' | 'limits' }> = {
  'restart-loop': { tab: 'logs', label: 'logs' },
  failed: { tab: 'logs', label: 'logs' },
  'oom-kill': { tab: 'usage', label: 'limits' },
}

function remedy(problem: Problem): { href: string; label: 'logs' | 'limits' | 'container' | 'host' } {
  const noun = nouns.find(({ kind }) => kind === problem.object?.kind)
  // What has no page of its own is met at its host.
  if (problem.object === null || noun === undefined) {
    const { hostId } = problem
    return { href: hostId === null ? '/' : `/hosts/${encodeURIComponent(hostId)}`, label: 'host' }
  }
  const base = addressOf(noun, problem.object.id)
  const more = tabs[problem.kind]
  return more === undefined
    ? { href: base, label: 'container' }
    : { href: `${base}?tab=${more.tab}`, label: more.label }
}
