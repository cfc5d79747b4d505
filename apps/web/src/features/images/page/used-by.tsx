'use client'

import type { FleetImage } from '@flotilla/protocol'
import { Panel, Skeleton } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { ErrorNote } from '../../../data/error-note.tsx'
import { useTrpc } from '../../../data/trpc.ts'
import { ContainerStateWord } from '../../../nouns/containers/container-state-word.tsx'

const usersShown = 20

/** Which containers keep it; their list is live. Where they are many, the list of all containers shows the rest. */
export function UsedBy({ image }: { image: FleetImage }) {
  const t = useTranslations('images')
  const trpc = useTrpc()
  const { imageId, hostId, engine } = image
  const query = useQuery(trpc.containers.list.queryOptions({ image: imageId, hostId, engine, limit: usersShown }))
  const users = query.data
  const containers = users?.items.slice(0, usersShown)
  return (
    <Panel title={t('usedByTitle')} flush>
      {query.isError ? (
        <ErrorNote className="m-3" error={query.error} title={t('usedByFailed')} onRetry={() => void query.refetch()} />
      ) : null}
      {containers === undefined && query.isError ? null : containers === undefined ? (
        <div className="p-3">
          <Skeleton className="h-5 w-1/3" />
        </div>
      ) : containers.length === 0 ? (
        <p className="p-3 text-muted">{t('usedByNone')}</p>
      ) : (
        <ul className="divide-y divide-line">
          {containers.map((container) => (
            <li key={container.id} className="flex items-center justify-between gap-4 px-3 py-2">
              <Link
                href={`/containers/${encodeURIComponent(container.id)}`}
                prefetch={false}
                className="truncate rounded-sm font-mono text-xs font-medium hover:underline focus-visible:outline-2 focus-visible:outline-accent"
              >
                {container.name}
              </Link>
              <ContainerStateWord container={container} />
            </li>
          ))}
          {users !== undefined && users.total > usersShown ? (
            <li className="px-3 py-2">
              <Link
                href={`/containers?${new URLSearchParams({ image: imageId, host: hostId, engine }).toString()}`}
                prefetch={false}
                className="rounded-sm font-medium hover:underline focus-visible:outline-2 focus-visible:outline-accent"
              >
                {t('usedByAll', { count: users.total })}
              </Link>
            </li>
          ) : null}
        </ul>
      )}
    </Panel>
  )
}
