'use client'

import type { FleetHost } from '@flotilla/protocol'
import { StateDot } from '@flotilla/ui'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import type { Noun } from '../navigation/nouns.ts'

/** Hosts that are away: their rows of a list stay, dimmed, and here is why. */
export function AwayNote({ noun, hosts }: { noun: Noun; hosts: readonly FleetHost[] }) {
  const t = useTranslations('hosts.away')
  const away = hosts.filter((host) => host.state !== 'connected' && (host.counts[noun.name] ?? 0) > 0)
  const [first] = away
  if (!first) return null
  return (
    <div role="status" className="flex min-h-10 items-center gap-2 border-b border-line px-4 py-2 text-sm">
      <StateDot tone="unknown" />
      <span className="min-w-0 flex-1">{t('rows', { count: away.length, host: first.name })}</span>
      <Link
        href={away.length === 1 ? `/hosts/${encodeURIComponent(first.id)}` : '/hosts'}
        className="rounded-sm font-medium text-accent hover:underline focus-visible:outline-2 focus-visible:outline-accent"
      >
        {t('show')}
      </Link>
    </div>
  )
}
