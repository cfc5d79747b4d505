'use client'

import type { FleetHost } from '@flotilla/protocol'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { labelTexts } from './label-text.ts'

const chip =
  'inline-flex h-6 max-w-full min-w-0 items-center rounded-sm border border-line px-1.5 font-mono text-xs ' +
  'hover:border-line-strong hover:bg-raised focus-visible:outline-2 focus-visible:outline-accent'

/** The groups and labels of a host; each leads to the hosts that share it. `action` stands at their end. */
export function AttributeChips({ host, action }: { host: FleetHost; action: ReactNode }) {
  const t = useTranslations('host')
  const labels = labelTexts(host)
  return (
    <section aria-label={t('attributes')} className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
      <dl className="flex min-w-0 flex-wrap gap-x-6 gap-y-2 text-sm">
        <Chips title={t('groups')} none={t('noGroups')}>
          {host.groups.map((group) => (
            <Chip key={group} text={group} title={t('showGroup', { group })} query={{ group }} />
          ))}
        </Chips>
        <Chips title={t('labels')} none={t('noLabels')}>
          {labels.map((label) => (
            <Chip key={label} text={label} title={t('showLabel', { label })} query={{ label }} />
          ))}
        </Chips>
      </dl>
      {action}
    </section>
  )
}

function Chips({ title, none, children }: { title: string; none: string; children: readonly ReactNode[] }) {
  return (
    <div className="flex min-w-0 items-baseline gap-2">
      <dt className="text-muted">{title}</dt>
      <dd className="flex min-w-0 flex-wrap gap-1">
        {children.length > 0 ? children : <span className="text-faint">{none}</span>}
      </dd>
    </div>
  )
}

function Chip({ text, title, query }: { text: string; title: string; query: Record<string, string> }) {
  return (
    <Link href={`/hosts?${new URLSearchParams(query).toString()}`} prefetch={false} title={title} className={chip}>
      <span className="truncate">{text}</span>
    </Link>
  )
}
