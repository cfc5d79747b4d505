'use client'

import { Button, Dialog, Skeleton } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import apiKeys from '../../../messages/en/api-keys.json'
import { ErrorNote } from '../../data/error-note.tsx'
import { useTrpc } from '../../data/trpc.ts'
import { Ago } from '../../format/values.tsx'
import { withTexts } from '../../i18n/with-texts.tsx'
import { RevokeKey, type ApiKey } from './revoke-key.tsx'

/** One's own keys, and their end. */
export const ApiKeysDialog = withTexts({ apiKeys }, function ApiKeysDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslations('apiKeys')
  const common = useTranslations('common')
  const [chosen, setChosen] = useState<ApiKey | null>(null)
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={chosen === null ? t('title') : t('ask', { name: chosen.name })}
      description={t(chosen === null ? 'text' : 'askText')}
      closeLabel={common('close')}
    >
      {chosen === null ? <Keys onChoose={setChosen} /> : <RevokeKey apiKey={chosen} onEnd={() => setChosen(null)} />}
    </Dialog>
  )
})

function Keys({ onChoose }: { onChoose: (key: ApiKey) => void }) {
  const t = useTranslations('apiKeys')
  const trpc = useTrpc()
  const keys = useQuery(trpc.keys.list.queryOptions({}))
  if (keys.isPending) return <Skeleton className="h-24" />
  if (keys.isError) return <ErrorNote title={t('failed')} error={keys.error} onRetry={() => void keys.refetch()} />
  if (keys.data.length === 0) return <p className="text-base text-muted">{t('none')}</p>
  return (
    <ul className="divide-y divide-line rounded-md border border-line">
      {keys.data.map((key) => (
        <li key={key.id} className="flex items-center justify-between gap-4 py-2 pr-2 pl-3">
          <span className="min-w-0">
            <span className="block truncate text-base">{key.name}</span>
            <span className="block text-xs text-muted">
              <code>{key.prefix}…</code> {t('madeAt')} <Ago at={key.createdAt} />
              {key.expiresAt === null ? null : (
                <>
                  , {t('expires')} <Ago at={key.expiresAt} />
                </>
              )}
            </span>
          </span>
          <Button aria-label={t('revokeNamed', { name: key.name })} onClick={() => onChoose(key)}>
            {t('revoke')}
          </Button>
        </li>
      ))}
    </ul>
  )
}
