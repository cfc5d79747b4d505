'use client'

import { Button, Field, Input } from '@flotilla/ui'
import { Eye, EyeOff } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { useTranslations } from 'use-intl'

/** A password that can be looked at while it is typed. */
export function PasswordField(props: {
  value: string
  onChange: (value: string) => void
  autoComplete: 'current-password' | 'new-password'
  hint?: ReactNode
  error?: ReactNode
}) {
  const t = useTranslations('signIn')
  const [shown, setShown] = useState(false)
  return (
    <Field
      label={t('password')}
      {...(props.hint ? { hint: props.hint } : {})}
      {...(props.error ? { error: props.error } : {})}
    >
      {(control) => (
        <div className="relative">
          <Input
            {...control}
            name="password"
            type={shown ? 'text' : 'password'}
            autoComplete={props.autoComplete}
            required
            maxLength={128}
            value={props.value}
            onChange={(event) => props.onChange(event.target.value)}
            className="h-9 pr-10"
          />
          <Button
            kind="ghost"
            size="icon-sm"
            className="absolute top-1/2 right-1 -translate-y-1/2"
            aria-label={shown ? t('hidePassword') : t('showPassword')}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
          >
            {shown ? <EyeOff /> : <Eye />}
          </Button>
        </div>
      )}
    </Field>
  )
}
