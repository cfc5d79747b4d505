'use client'

import type { FleetHost } from '@flotilla/protocol'
import { Button, Note } from '@flotilla/ui'
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
    <Note
      tone="warn"
      className="m-4 mb-0"
      action={
        <Button size="sm" asChild>
          <Link href={away.length === 1 ? `/hosts/${encodeURIComponent(first.id)}` : '/hosts'}>{t('show')}</Link>
        </Button>
      }
    >
      {t('rows', { count: away.length, host: first.name })}
    </Note>
  )
}
