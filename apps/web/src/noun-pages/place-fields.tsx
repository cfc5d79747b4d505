'use client'

import { Field, Select } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { troubleOf, type ChosenPlace } from './use-place.ts'

/** The host and the engine that something is made on; an engine that cannot is off and says why. */
export function PlaceFields({ place }: { place: ChosenPlace }) {
  const t = useTranslations('hosts.placeFilter')
  const { method, hosts, host, engine } = place
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
                disabled={troubleOf(each, method) !== null}
                title={troubleOf(each, method) ?? undefined}
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
