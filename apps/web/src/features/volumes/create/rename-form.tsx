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

/** Another name for a volume. */
export function RenameForm({ volume, onClose }: { volume: FleetVolume; onClose: () => void }) {
  const t = useTranslations('volumeDialogs.renameDialog')
  const common = useTranslations('common')
  const { change, failure, busy } = useChange('volumes')
  const [name, setName] = useState(volume.anonymous ? '' : volume.name)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const { id } = volume
    const renamed = await change(() => client.volumes.rename.mutate({ id, name, operationId: newOperationId() }))
    if (renamed === null) return
    toast('ok', t('done', { before: volumeName(volume), name: renamed.name }))
    onClose()
  }
  return (
    <form className="space-y-4" onSubmit={(event) => void submit(event)}>
      {failure === null ? null : <ErrorNote error={failure} title={t('failed')} />}
      <NameField label={t('name')} value={name} onChange={setName} />
      <DialogActions>
        <Button onClick={onClose}>{common('cancel')}</Button>
        <Button kind="primary" type="submit" disabled={busy || name === '' || name === volume.name}>
          {t('rename')}
        </Button>
      </DialogActions>
    </form>
  )
}
