'use client'

import { Button, DialogActions, Field, Input, Textarea, toast } from '@flotilla/ui'
import { useState, type FormEvent } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorNote } from '../../../data/error-note.tsx'
import { newOperationId } from '../../../data/operation-id.ts'
import { client } from '../../../data/trpc.ts'
import { parseBytes } from '../../../format/bytes.ts'
import { parseLabels } from '../../../format/labels.ts'
import { PlaceFields } from '../../../noun-pages/place-fields.tsx'
import { useChange } from '../../../noun-pages/use-change.ts'
import { troubleOf, usePlace, type ChosenPlace } from '../../../noun-pages/use-place.ts'
import { NameField } from './name-field.tsx'

const sizeLimit = 'volumes.create.sizeLimit'

/** What a new volume is called, how large it may be, and where it is made. */
export function CreateForm({ hostId, onClose }: { hostId: string; onClose: () => void }) {
  const t = useTranslations('volumeDialogs.createDialog')
  const common = useTranslations('common')
  const words = useTranslations('dialogs.labels')
  const place = usePlace('volumes.create', hostId)
  const { change, failure, busy } = useChange('volumes')
  const [draft, setDraft] = useState({ name: '', limit: '', labels: '' })
  const limit = draft.limit.trim() === '' ? undefined : parseBytes(draft.limit)
  const labels = parseLabels(draft.labels)
  const { host, engine } = place
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!host || draft.name === '' || limit === null || labels === null) return
    const made = await change(() =>
      client.volumes.create.mutate({
        hostId: host.id,
        ...(engine ? { engine: engine.id } : {}),
        name: draft.name,
        labels,
        ...(limit === undefined ? {} : { sizeLimitBytes: limit }),
        operationId: newOperationId(),
      }),
    )
    if (made === null) return
    toast('ok', t('done', { name: made.name, host: made.hostName }))
    onClose()
  }
  return (
    <form className="space-y-4" onSubmit={(event) => void submit(event)}>
      {failure === null ? null : <ErrorNote error={failure} title={t('failed')} />}
      <NameField label={t('name')} value={draft.name} onChange={(name) => setDraft({ ...draft, name })} />
      <PlaceFields place={place} />
      <LimitField
        place={place}
        value={draft.limit}
        wrong={limit === null}
        onChange={(next) => setDraft({ ...draft, limit: next })}
      />
      <Field label={words('label')} hint={words('hint')} {...(labels === null ? { error: words('wrong') } : {})}>
        {(control) => (
          <Textarea
            {...control}
            rows={2}
            value={draft.labels}
            spellCheck={false}
            placeholder="team=harbour"
            className="font-mono text-xs"
            onChange={(event) => setDraft({ ...draft, labels: event.target.value })}
          />
        )}
      </Field>
      <DialogActions>
        <Button onClick={onClose}>{common('cancel')}</Button>
        <Button kind="primary" type="submit" disabled={busy || draft.name === '' || !host}>
          {t('create')}
        </Button>
      </DialogActions>
    </form>
  )
}

/** Off where the engine's file system holds no limit, with that as the reason. */
function LimitField(props: { place: ChosenPlace; value: string; wrong: boolean; onChange: (value: string) => void }) {
  const t = useTranslations('volumeDialogs.createDialog')
  const { engine } = props.place
  const why = engine ? troubleOf(engine, sizeLimit) : null
  return (
    <Field label={t('limit')} hint={why ?? t('limitHint')} {...(props.wrong ? { error: t('limitWrong') } : {})}>
      {(control) => (
        <Input
          {...control}
          value={why === null ? props.value : ''}
          disabled={why !== null}
          placeholder={t('limitPlace')}
          className="font-mono text-xs"
          onChange={(event) => props.onChange(event.target.value)}
        />
      )}
    </Field>
  )
}
