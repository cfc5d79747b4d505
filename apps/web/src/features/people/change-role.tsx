'use client'

import type { AppRouter } from '@flotilla/api/client'
import { Button, DialogActions, Field, Note, Select } from '@flotilla/ui'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { inferRouterOutputs } from '@trpc/server'
import { useState, type FormEvent } from 'react'
import { useTranslations } from 'use-intl'
import roleNames from '../../../messages/en/roles.json'
import { signIn } from '../../data/auth.ts'
import { ErrorNote } from '../../data/error-note.tsx'
import { errorFacts } from '../../data/error.ts'
import { useSession } from '../../data/session.tsx'
import { client } from '../../data/trpc.ts'
import { PasswordField } from '../../entry/password-field.tsx'

export type Person = inferRouterOutputs<AppRouter>['people']['list'][number]
type Role = Person['role']

const roles = Object.keys(roleNames) as Role[]

/** Gives somebody another role. Where that takes a fresh sign-in, the password is asked for in the same form. */
export function ChangeRole({ person, onEnd }: { person: Person; onEnd: () => void }) {
  const t = useTranslations('people')
  const common = useTranslations('common')
  const names = useTranslations('roles')
  const { me } = useSession()
  const queryClient = useQueryClient()
  const [role, setRole] = useState(person.role)
  const [password, setPassword] = useState('')
  const [asks, setAsks] = useState(false)
  const change = useMutation({
    mutationFn: async () => {
      if (asks) await signIn(me.user.email, password)
      await client.people.setRole.mutate({ userId: person.userId, role })
    },
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: [['people']] })
      onEnd()
    },
    onError: (error) => {
      if (errorFacts(error).kind === 'access.signInAgain') setAsks(true)
    },
  })
  const send = (event: FormEvent) => {
    event.preventDefault()
    change.mutate()
  }
  const failure = errorFacts(change.error).kind === 'access.signInAgain' ? null : change.error
  return (
    <form className="flex flex-col gap-3" onSubmit={send}>
      <Field label={t('role')}>
        {(control) => (
          <Select {...control} value={role} onChange={(event) => setRole(event.target.value as Role)}>
            {roles.map((one) => (
              <option key={one} value={one}>
                {names(one)}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {asks ? (
        <>
          <Note tone="warn">{t('again')}</Note>
          <PasswordField value={password} onChange={setPassword} autoComplete="current-password" />
        </>
      ) : null}
      {failure === null ? null : <ErrorNote title={t('notChanged')} error={failure} />}
      <DialogActions>
        <Button onClick={onEnd}>{common('cancel')}</Button>
        <Button type="submit" kind="primary" disabled={change.isPending || role === person.role}>
          {t('save')}
        </Button>
      </DialogActions>
    </form>
  )
}
