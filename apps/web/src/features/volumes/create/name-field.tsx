'use client'

import { Field, Input } from '@flotilla/ui'
import { useTranslations } from 'use-intl'

/** A volume's name; it has the focus. */
export function NameField(props: { label: string; value: string; onChange: (value: string) => void }) {
  const t = useTranslations('volumeDialogs.createDialog')
  return (
    <Field label={props.label}>
      {(control) => (
        <Input
          {...control}
          autoFocus
          value={props.value}
          placeholder={t('namePlace')}
          maxLength={255}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          className="font-mono text-xs"
          onChange={(event) => props.onChange(event.target.value.trim())}
        />
      )}
    </Field>
  )
}
