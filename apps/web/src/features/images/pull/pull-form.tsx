'use client'

import { Button, DialogActions, Field, Input } from '@flotilla/ui'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorNote } from '../../../data/error-note.tsx'
import { errorCode } from '../../../data/error.ts'
import { registryOf } from '../../../format/image-reference.ts'
import { PlaceFields } from '../../../noun-pages/place-fields.tsx'
import { usePlace } from '../../../noun-pages/use-place.ts'
import { LoginFields, type Login } from './pull-fields.tsx'
import { Pulled, Pulling } from './pull-steps.tsx'
import { usePull } from './use-pull.ts'

const noLogin: Login = { isOpen: false, username: '', password: '' }

/** What to pull and whereto; then how it goes, and then what came. */
export function PullForm({ hostId, onClose }: { hostId: string; onClose: () => void }) {
  const t = useTranslations('images.pullDialog')
  const common = useTranslations('common')
  const place = usePlace('images.pull', hostId)
  const { pull, failure, image, start, reset } = usePull()
  const [reference, setReference] = useState('')
  const [login, setLogin] = useState(noLogin)
  const change = (patch: Partial<Login>) => setLogin((before) => ({ ...before, ...patch }))
  const { host, engine } = place

  const submit = async () => {
    if (!host || reference.trim() === '') return
    const { isOpen, username, password } = login
    const outcome = await start({
      hostId: host.id,
      reference: reference.trim(),
      ...(engine ? { engine: engine.id } : {}),
      ...(isOpen && username !== '' ? { credentials: { username, password } } : {}),
    })
    if (outcome === 'done') change({ password: '' })
    if (outcome === 'login') change({ isOpen: true })
  }
  const again = () => {
    reset()
    setReference('')
  }
  if (image) return <Pulled image={image} reference={pull?.reference ?? ''} onAnother={again} />
  if (pull) return <Pulling pull={pull} onClose={onClose} />
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      {failure === null ? null : <ErrorNote error={failure} title={t('failed')} />}
      <ReferenceField value={reference} onChange={setReference} />
      <PlaceFields place={place} />
      <LoginFields login={login} isAsked={errorCode(failure) === 'UNAUTHENTICATED'} onChange={change} />
      <DialogActions>
        <Button onClick={onClose}>{common('cancel')}</Button>
        <Button kind="primary" type="submit" disabled={reference.trim() === '' || !host}>
          {t('pull')}
        </Button>
      </DialogActions>
    </form>
  )
}

function ReferenceField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const t = useTranslations('images.pullDialog')
  return (
    <Field
      label={t('reference')}
      {...(value.trim() === '' ? {} : { hint: t('from', { registry: registryOf(value) }) })}
    >
      {(control) => (
        <Input
          {...control}
          autoFocus
          value={value}
          placeholder={t('placeholder')}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          className="font-mono text-xs"
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}
