'use client'

import type { FleetHost } from '@flotilla/protocol'
import { Button, Note } from '@flotilla/ui'
import Link from 'next/link'
import { useTranslations } from 'use-intl'

/** Hosts that are away: their rows stay, dimmed, and here is why. */
export function AwayNote({ hosts }: { hosts: readonly FleetHost[] }) {
  const t = useTranslations('containers')
  const away = hosts.filter((host) => host.state !== 'connected' && host.counts.containers > 0)
  const [first] = away
  if (!first) return null
  return (
    <Note
      tone="warn"
      className="m-4 mb-0"
      action={
        <Button size="sm" asChild>
          <Link href={away.length === 1 ? `/hosts/${encodeURIComponent(first.id)}` : '/hosts'}>{t('showHosts')}</Link>
        </Button>
      }
    >
      {t('away', { count: away.length, host: first.name })}
    </Note>
  )
}
