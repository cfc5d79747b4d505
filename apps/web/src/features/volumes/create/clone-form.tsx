'use client'

import type { FleetVolume } from '@flotilla/protocol'
import { Button, DialogActions, toast } from '@flotilla/ui'
import { useState, type FormEvent } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorNote } from '../../../data/error-note.tsx'
import { newOperationId } from '../../../data/operation-id.ts'
import { client } from '../../../data/trpc.ts'
import { volumeName } from '../../../format/volume-name.ts'
import { useChange } from '../../../noun-pages/use-change.ts'
import { NameField } from './name-field.tsx'

/** What the copy of a volume is called. The copy is an operation: it goes on where the dialog is closed. */
export function CloneForm({ volume, onClose }: { volume: FleetVolume; onClose: () => void }) {
  const t = useTranslations('volumeDialogs.cloneDialog')
  const common = useTranslations('common')
  const { change, failure, busy } = useChange('volumes')
  const [name, setName] = useState(`${volumeName(volume)}-copy`)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const { id } = volume
    const made = await change(() => client.volumes.clone.mutate({ id, name, operationId: newOperationId() }))
    if (made === null) return
    toast('ok', t('done', { before: volumeName(volume), name: made.name }))
    onClose()
  }
  return (
    <form className="space-y-4" onSubmit={(event) => void submit(event)}>
      {failure === null ? null : <ErrorNote error={failure} title={t('failed')} />}
      <NameField label={t('name')} value={name} onChange={setName} />
      <DialogActions>
        <Button onClick={onClose}>{common('cancel')}</Button>
        <Button kind="primary" type="submit" disabled={busy || name === ''}>
          {busy ? t('cloning') : t('clone')}
        </Button>
      </DialogActions>
    </form>
  )
}
