'use client'

import { Button, Field, Input, Note } from '@flotilla/ui'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useEffect, useState, type FormEvent } from 'react'
import { useTranslations } from 'use-intl'
import texts from '../../../messages/en/sign-in.json'
import { signIn } from '../../data/auth.ts'
import { useErrorText } from '../../data/error-note.tsx'
import { useHydrated } from '../../data/hydrated.ts'
import { useTrpc } from '../../data/trpc.ts'
import { Entry, EntrySkeleton } from '../../entry/entry.tsx'
import { PasswordField } from '../../entry/password-field.tsx'
import { withTexts } from '../../i18n/with-texts.tsx'
import { nextPath } from './next-path.ts'

/** The way in, and back to where one was sent from. */
export const SignInPage = withTexts({ signIn: texts }, function SignInPage() {
  const t = useTranslations('signIn')
  return useHydrated() ? <SignIn /> : <EntrySkeleton title={t('title')} />
})

function SignIn() {
  const t = useTranslations('signIn')
  const trpc = useTrpc()
  const router = useRouter()
  const queryClient = useQueryClient()
  const errorText = useErrorText()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)
  const setup = useQuery(trpc.setup.state.queryOptions({}))
  const session = useQuery(trpc.session.me.queryOptions({}, { retry: false, staleTime: 0 }))
  const known = session.isSuccess && !busy
  useEffect(() => {
    if (known) router.replace(nextPath(window.location.search))
  }, [known, router])

  const send = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setFailure(null)
    try {
      await signIn(email.trim(), password)
      queryClient.clear()
      router.replace(nextPath(window.location.search))
    } catch (error) {
      setFailure(error)
      setBusy(false)
    }
  }

  if (setup.data?.done === false) {
    return (
      <Entry title={t('noOwnerTitle')}>
        <p className="text-base text-muted">{t('noOwner')}</p>
      </Entry>
    )
  }
  return (
    <Entry title={t('title')}>
      <form className="flex flex-col gap-4" onSubmit={(event) => void send(event)}>
        <Field label={t('email')}>
          {(control) => (
            <Input
              {...control}
              name="email"
              type="email"
              autoComplete="username"
              required
              autoFocus
              maxLength={254}
              value={email}
              onChange={(event) => setEmail(event.target.value)}
              className="h-9"
            />
          )}
        </Field>
        <PasswordField value={password} onChange={setPassword} autoComplete="current-password" />
        {failure ? <Note tone="bad">{errorText(failure)}</Note> : null}
        <Button type="submit" kind="primary" size="lg" disabled={busy}>
          {busy ? t('busy') : t('submit')}
        </Button>
      </form>
    </Entry>
  )
}
