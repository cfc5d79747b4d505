'use client'

import { Field, Input, Select } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { pullTrouble, type usePullPlace } from './use-pull-place.ts'

/** The host and the engine that an image goes to. */
export function PlaceFields({ place }: { place: ReturnType<typeof usePullPlace> }) {
  const t = useTranslations('images.pullDialog')
  const { hosts, host, engine } = place
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label={t('host')}>
        {(control) => (
          <Select {...control} value={host?.id ?? ''} onChange={(event) => place.setHost(event.target.value)}>
            {hosts.map((each) => (
              <option key={each.id} value={each.id} disabled={each.state !== 'connected'}>
                {each.name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label={t('engine')}>
        {(control) => (
          <Select {...control} value={engine?.id ?? ''} onChange={(event) => place.setEngine(event.target.value)}>
            {(host?.engines ?? []).map((each) => (
              <option
                key={each.id}
                value={each.id}
                disabled={pullTrouble(each) !== null}
                title={pullTrouble(each) ?? undefined}
              >
                {each.name}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </div>
  )
}

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
