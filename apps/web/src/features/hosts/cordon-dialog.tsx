'use client'

import type { FleetHost } from '@flotilla/protocol'
import { Button, Dialog, DialogActions, Field, Input } from '@flotilla/ui'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorNote } from '../../data/error-note.tsx'
import { useTrpc } from '../../data/trpc.ts'
import { useHostChanged } from './use-host-changed.ts'

/** Says what a cordon means, and asks why. */
export function CordonDialog({ host, onClose }: { host: FleetHost; onClose: () => void }) {
  const t = useTranslations('host.cordon')
  const common = useTranslations('common')
  const changed = useHostChanged()
  const [reason, setReason] = useState('')
  const cordon = useMutation(
    useTrpc().hosts.cordon.mutationOptions({
      onSuccess: (answer) => {
        changed(answer, t('done', { name: answer.name }))
        onClose()
      },
    }),
  )
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
      title={t('title', { name: host.name })}
      description={t('text')}
      closeLabel={common('close')}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (!cordon.isPending) cordon.mutate({ id: host.id, reason })
        }}
      >
        {cordon.error ? <ErrorNote className="mb-4" error={cordon.error} title={t('failed')} /> : null}
        <Field label={t('reason')} hint={t('reasonHint')} optional={t('optional')}>
          {(control) => (
            <Input
              {...control}
              autoFocus
              value={reason}
              maxLength={300}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        <DialogActions>
          <Button onClick={onClose}>{common('cancel')}</Button>
          <Button kind="primary" type="submit" disabled={cordon.isPending}>
            {t('verb')}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}
