'use client'

import type { VolumeUser } from '@flotilla/protocol'
import { Badge, Panel } from '@flotilla/ui'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { ContainerStateWord } from '../../../nouns/containers/container-state-word.tsx'

/** The containers that mount a volume, and where; null while its host is away. */
export function UsedBy({ users }: { users: readonly VolumeUser[] | null }) {
  const t = useTranslations('volumes.users')
  return (
    <Panel title={t('title')} count={users?.length} flush>
      {users === null || users.length === 0 ? (
        <p className="p-3 text-sm text-muted">{t(users === null ? 'away' : 'none')}</p>
      ) : (
        <ul className="divide-y divide-line">
          {users.map((user) => (
            <li key={`${user.id} ${user.target}`} className="flex items-center justify-between gap-4 px-3 py-2">
              <span className="min-w-0">
                <Link
                  href={`/containers/${encodeURIComponent(user.id)}`}
                  prefetch={false}
                  className="block w-fit max-w-full truncate rounded-sm font-mono text-xs font-medium hover:underline focus-visible:outline-2 focus-visible:outline-accent"
                >
                  {user.name}
                </Link>
                <span className="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-muted">
                  <span className="font-mono wrap-anywhere">{user.target}</span>
                  {user.subPath === null ? null : <Badge>{user.subPath}</Badge>}
                  {user.readOnly ? <Badge>{t('readOnly')}</Badge> : null}
                </span>
              </span>
              <ContainerStateWord container={user} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
