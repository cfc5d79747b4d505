'use client'

import { Field, Input } from '@flotilla/ui'
import { useTranslations } from 'use-intl'

export interface Login {
  isOpen: boolean
  username: string
  password: string
}

/** Who one is at the registry, folded until somebody wants it or the registry asks. */
export function LoginFields(props: { login: Login; isAsked: boolean; onChange: (patch: Partial<Login>) => void }) {
  const t = useTranslations('images.pullDialog')
  const { login, onChange } = props
  return (
    <details open={login.isOpen || props.isAsked} onToggle={(event) => onChange({ isOpen: event.currentTarget.open })}>
      <summary className="w-fit cursor-pointer rounded-sm text-sm text-muted hover:text-fg focus-visible:outline-2 focus-visible:outline-accent">
        {t('login')}
      </summary>
      <div className="mt-3 grid gap-4 sm:grid-cols-2">
        <Field label={t('username')}>
          {(control) => (
            <Input
              {...control}
              value={login.username}
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => onChange({ username: event.target.value })}
            />
          )}
        </Field>
        <Field label={t('password')} hint={t('loginHint')}>
          {(control) => (
            <Input
              {...control}
              type="password"
              value={login.password}
              autoComplete="new-password"
              onChange={(event) => onChange({ password: event.target.value })}
            />
          )}
        </Field>
      </div>
    </details>
  )
}
