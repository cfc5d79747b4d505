'use client'

import { Button, Field, Input, Note } from '@flotilla/ui'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useState, type FormEvent } from 'react'
import { useTranslations } from 'use-intl'
import setup from '../../../messages/en/setup.json'
import signInTexts from '../../../messages/en/sign-in.json'
import { signIn } from '../../data/auth.ts'
import { errorCode } from '../../data/error.ts'
import { ErrorNote, useErrorText } from '../../data/error-note.tsx'
import { useHydrated } from '../../data/hydrated.ts'
import { client, useTrpc } from '../../data/trpc.ts'
import { Entry, EntrySkeleton } from '../../entry/entry.tsx'
import { withTexts } from '../../i18n/with-texts.tsx'
import { PasswordField } from '../../entry/password-field.tsx'

const leastPassword = 10

/** The first owner, made with the link that was printed at the start. */
export const SetupPage = withTexts({ setup, signIn: signInTexts }, function SetupPage() {
  const t = useTranslations('setup')
  return useHydrated() ? <Setup /> : <EntrySkeleton title={t('title')} />
})

/** The token stands behind the `#` and travels in bodies alone, so that no server or proxy ever logs it. */
function tokenFrom(hash: string): string {
  return new URLSearchParams(hash.replace(/^#/, '')).get('token') ?? ''
}

/** Whether the link would work. What has not even a token's shape, such as half a link, is a bad link and no failure. */
async function checkLink(token: string): Promise<boolean> {
  if (token === '') return false
  try {
    return (await client.setup.check.mutate({ token })).valid
  } catch (error) {
    if (errorCode(error) === 'INVALID_ARGUMENT') return false
    throw error
  }
}

function Setup() {
  const t = useTranslations('setup')
  const trpc = useTrpc()
  const [token] = useState(() => tokenFrom(window.location.hash))
  const state = useQuery(trpc.setup.state.queryOptions({}))
  const link = useQuery({ queryKey: ['setup-link'], queryFn: () => checkLink(token), gcTime: 0 })
  const failed = [state, link].find(({ isError }) => isError)
  if (failed !== undefined) {
    return (
      <Entry title={t('title')}>
        <ErrorNote error={failed.error} onRetry={() => void failed.refetch()} />
      </Entry>
    )
  }
  if (state.data === undefined || link.data === undefined) return <EntrySkeleton title={t('title')} />
  if (link.data) return <Form token={token} />
  const { done } = state.data
  return (
    <Entry title={done ? t('doneTitle') : t('badLinkTitle')}>
      <p className="text-base text-muted">{done ? t('done') : t('badLink')}</p>
      {done ? (
        <Button asChild kind="primary" size="lg" className="mt-5 w-full">
          <Link href="/sign-in">{t('signIn')}</Link>
        </Button>
      ) : null}
    </Entry>
  )
}

function Form({ token }: { token: string }) {
  const t = useTranslations('setup')
  const router = useRouter()
  const queryClient = useQueryClient()
  const errorText = useErrorText()
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [short, setShort] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)

  const send = async (event: FormEvent) => {
    event.preventDefault()
    if (password.length < leastPassword) return setShort(true)
    setBusy(true)
    setFailure(null)
    try {
      await client.setup.complete.mutate({ token, name: name.trim(), email: email.trim(), password })
    } catch (error) {
      setFailure(error)
      return setBusy(false)
    }
    try {
      await signIn(email.trim(), password)
      queryClient.clear()
      router.replace('/')
    } catch {
      router.replace('/sign-in') // the account is there; only the way in failed, and that page says why
    }
  }

  return (
    <Entry title={t('title')}>
      <p className="mb-5 text-base text-muted">{t('text')}</p>
      <form className="flex flex-col gap-4" onSubmit={(event) => void send(event)}>
        <Field label={t('name')}>
          {(control) => (
            <Input
              {...control}
              name="name"
              autoComplete="name"
              required
              autoFocus
              maxLength={100}
              value={name}
              onChange={(event) => setName(event.target.value)}
              className="h-9"
            />
          )}
        </Field>
        <Field label={t('email')}>
          {(control) => (
            <Input
              {...control}
              name="email"
              type="email"
              autoComplete="username"
              required
              maxLength={254}
              value={email}
              onChange={(event) => setEmail(event.target.value)}
              className="h-9"
            />
          )}
        </Field>
        <PasswordField
          value={password}
          onChange={(value) => {
            setPassword(value)
            if (value.length >= leastPassword) setShort(false)
          }}
          autoComplete="new-password"
          hint={t('passwordHint', { count: leastPassword })}
          error={short ? t('passwordShort', { count: leastPassword - password.length }) : null}
        />
        {failure ? <Note tone="bad">{errorText(failure)}</Note> : null}
        <Button type="submit" kind="primary" size="lg" disabled={busy}>
          {busy ? t('busy') : t('submit')}
        </Button>
      </form>
    </Entry>
  )
}
