'use client'

import type { EngineInfo, FleetHost } from '@flotilla/protocol'
import { Select } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { useRunForm } from './form-context.ts'
import { FormField } from './form-field.tsx'
import { engineTrouble, isOpen, useHostTrouble } from './use-places.ts'

/** On which host and engine. Where there is nothing to choose it only says where. */
export function WhereFields(props: {
  hosts: readonly FleetHost[]
  host: FleetHost | undefined
  engine: EngineInfo | undefined
}) {
  const t = useTranslations('run')
  const { set } = useRunForm()
  const { hosts, host, engine } = props
  const engines = host?.engines ?? []
  const hostTrouble = useHostTrouble()
  const trouble = engine ? engineTrouble(engine) : null
  return (
    <>
      <FormField name="hostId" label={t('fields.hostId')} hint={(host && hostTrouble(host)) ?? undefined}>
        {(control) => (
          <Select
            {...control}
            value={host?.id ?? ''}
            onChange={(event) => set({ hostId: event.target.value, engine: '' })}
          >
            {hosts.map((each) => (
              <option key={each.id} value={each.id} disabled={!isOpen(each)} title={hostTrouble(each) ?? undefined}>
                {isOpen(each)
                  ? each.name
                  : t(each.state === 'connected' ? 'hostCordonedOption' : 'hostAwayOption', { host: each.name })}
              </option>
            ))}
          </Select>
        )}
      </FormField>
      <FormField name="engine" label={t('fields.engine')} hint={trouble ?? undefined}>
        {(control) => (
          <Select {...control} value={engine?.id ?? ''} onChange={(event) => set({ engine: event.target.value })}>
            {engines.map((each) => (
              <option
                key={each.id}
                value={each.id}
                disabled={engineTrouble(each) !== null}
                title={engineTrouble(each) ?? undefined}
              >
                {each.version === null ? each.name : `${each.name} ${each.version}`}
              </option>
            ))}
          </Select>
        )}
      </FormField>
    </>
  )
}
