'use client'

import type { AppRouter } from '@flotilla/api/client'
import { Button, Checkbox, DialogActions, Skeleton } from '@flotilla/ui'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { inferRouterOutputs } from '@trpc/server'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorNote } from '../../data/error-note.tsx'
import { useTrpc } from '../../data/trpc.ts'

type Keys = inferRouterOutputs<AppRouter>['keys']
export type ApiKey = Keys['list'][number]
type Made = Keys['made']

const listed = 6

/** Says what a key made before it is revoked, and asks whether that goes as well. */
export function RevokeKey({ apiKey, onEnd }: { apiKey: ApiKey; onEnd: () => void }) {
  const t = useTranslations('apiKeys')
  const common = useTranslations('common')
  const trpc = useTrpc()
  const queryClient = useQueryClient()
  const [along, setAlong] = useState(false)
  const made = useQuery(trpc.keys.made.queryOptions({ id: apiKey.id }, { staleTime: 0 }))
  const revoke = useMutation(
    trpc.keys.revoke.mutationOptions({
      onSuccess: () => {
        void queryClient.invalidateQueries({ queryKey: trpc.keys.pathKey() })
        onEnd()
      },
    }),
  )
  const hasMade = made.isSuccess && (linesOf(made.data).length > 0 || made.data.hiddenPeople > 0)
  return (
    <>
      {made.isPending ? <Skeleton className="h-16" /> : null}
      {made.isError ? (
        <ErrorNote title={t('madeFailed')} error={made.error} onRetry={() => void made.refetch()} />
      ) : null}
      {made.isSuccess && !hasMade ? <p className="text-sm text-muted">{t('madeNothing')}</p> : null}
      {hasMade ? (
        <>
          <MadeList made={made.data} />
          <label className="mt-3 flex items-start gap-2 text-sm">
            <Checkbox checked={along} onChange={(event) => setAlong(event.target.checked)} className="mt-0.5" />
            <span>
              {t('along')}
              <span className="block text-xs text-muted">{t('alongText')}</span>
            </span>
          </label>
        </>
      ) : null}
      {revoke.isError ? <ErrorNote className="mt-3" title={t('notRevoked')} error={revoke.error} /> : null}
      <DialogActions>
        <Button onClick={onEnd}>{common('cancel')}</Button>
        <Button
          kind="danger"
          disabled={revoke.isPending || made.isPending}
          onClick={() => revoke.mutate({ id: apiKey.id, made: along })}
        >
          {t('revoke')}
        </Button>
      </DialogActions>
    </>
  )
}

function MadeList({ made }: { made: Made }) {
  const t = useTranslations('apiKeys')
  const lines = linesOf(made)
  const words = (line: Line) => (line.what === 'key' ? t('key', { owner: line.owner }) : t(line.what))
  return (
    <section aria-label={t('madeThis')}>
      <h3 className="mb-1.5 text-sm font-medium">{t('madeThis')}</h3>
      <ul className="divide-y divide-line rounded-md border border-line">
        {lines.slice(0, listed).map((line) => (
          <li key={`${line.what} ${line.id}`} className="flex items-center justify-between gap-4 px-3 py-1.5">
            <span className="truncate text-sm">{line.name}</span>
            <span className="min-w-0 truncate text-xs text-muted">{words(line)}</span>
          </li>
        ))}
        {lines.length > listed ? (
          <li className="px-3 py-1.5 text-sm text-muted">{t('more', { count: lines.length - listed })}</li>
        ) : null}
        {made.hiddenPeople > 0 ? (
          <li className="px-3 py-1.5 text-sm text-warn">{t('hidden', { count: made.hiddenPeople })}</li>
        ) : null}
      </ul>
    </section>
  )
}

type Line = { id: string; name: string } & ({ what: 'person' | 'token' } | { what: 'key'; owner: string })

function linesOf({ people, keys, tokens }: Made): Line[] {
  return [
    ...people.map(({ userId, email }): Line => ({ what: 'person', id: userId, name: email })),
    ...keys.map(({ id, name, owner }): Line => ({ what: 'key', id, name, owner })),
    ...tokens.map(({ id }): Line => ({ what: 'token', id, name: id.slice(0, 12) })),
  ]
}
