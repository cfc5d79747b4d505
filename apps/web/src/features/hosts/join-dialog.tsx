'use client'

import { Button, CopyButton, Dialog, Note, Skeleton, StateDot } from '@flotilla/ui'
import Link from 'next/link'
import { useEffect } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import hostDialogs from '../../../messages/en/host-dialogs.json'
import { ErrorNote } from '../../data/error-note.tsx'
import { useNow } from '../../format/clock.ts'
import { withTexts } from '../../i18n/with-texts.tsx'
import { HostState } from '../../nouns/hosts/host-state.tsx'
import { useJoin } from './use-join.ts'

/** How another machine joins: one command with a token that works once, and its arrival as it happens. */
export const JoinDialog = withTexts({ hostDialogs }, function JoinDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslations('hostDialogs.join')
  const common = useTranslations('common')
  const { ask, token, error, pending, used, joined } = useJoin()
  const idle = !pending && token === undefined && error === null
  useEffect(() => {
    if (idle) ask()
  }, [idle, ask])
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
      title={t('title')}
      description={t('text')}
      closeLabel={common('close')}
    >
      {error ? <ErrorNote error={error} title={t('failed')} onRetry={ask} /> : null}
      {token === undefined && !error ? <Skeleton className="h-24" /> : null}
      {token ? (
        <>
          <div className="flex items-start gap-2 rounded-md border border-line bg-field p-3">
            <code className="min-w-0 flex-1 font-mono text-xs break-all" data-testid="join-command">
              {token.command}
            </code>
            <CopyButton
              text={token.command}
              label={common('copy')}
              copiedLabel={common('copied')}
              failedLabel={common('copyFailed')}
              showLabel
            />
          </div>
          <Expiry expiresAt={token.expiresAt} used={used} onAgain={ask} />
          <div className="mt-4 border-t border-line pt-3" role="status">
            {joined === undefined ? (
              <p className="flex items-center gap-2 text-sm text-muted">
                <StateDot tone="busy" />
                {t(used ? 'arriving' : 'waiting')}
              </p>
            ) : (
              <p className="flex items-center gap-3 text-sm">
                <span className="min-w-0 truncate font-mono text-xs font-medium">{joined.name}</span>
                <HostState host={joined} />
                <Button asChild size="sm" className="ml-auto">
                  <Link href={`/hosts/${encodeURIComponent(joined.id)}`} onClick={onClose}>
                    {t('open')}
                  </Link>
                </Button>
              </p>
            )}
          </div>
        </>
      ) : null}
    </Dialog>
  )
})

function Expiry({ expiresAt, used, onAgain }: { expiresAt: string; used: boolean; onAgain: () => void }) {
  const t = useTranslations('hostDialogs.join')
  const format = useFormatter()
  const now = useNow(1000)
  const end = Date.parse(expiresAt)
  if (used) return <p className="mt-2 text-xs text-muted">{t('used')}</p>
  if (now >= end) {
    return (
      <Note
        tone="warn"
        className="mt-3"
        action={
          <Button size="sm" onClick={onAgain}>
            {t('again')}
          </Button>
        }
      >
        {t('expired')}
      </Note>
    )
  }
  return (
    <p className="mt-2 text-xs text-muted">
      {t('once', {
        time: format.dateTime(end, { timeStyle: 'short', hourCycle: 'h23' }),
        minutes: Math.max(1, Math.round((end - now) / 60_000)),
      })}
    </p>
  )
}
