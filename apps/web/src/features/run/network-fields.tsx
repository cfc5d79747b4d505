'use client'

import { Input, Select } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { usePermissionReason } from '../../data/guarded-button.tsx'
import { ContainerChoice, NetworkChoice } from './choices.tsx'
import { type Draft, type NetworkDraft, newNetwork } from './draft.ts'
import { useRunForm } from './form-context.ts'
import { FormField, FormGroup } from './form-field.tsx'
import { Add, Row, Rows, useRefusedPart } from './row-list.tsx'
import { Check, TextInput } from './section-fields.tsx'

/** What network a container has: networks of the host, the host's own, another container's or none. */
export function NetworkFields() {
  const t = useTranslations('run')
  const { draft } = useRunForm()
  return (
    <>
      <ModeField />
      <TextInput name="hostname" />
      {draft.network === 'container' ? <SharedWithField /> : null}
      {draft.network === 'bridge' ? <NetworkRows /> : null}
      <Check
        name="publishAllPorts"
        label={t('fields.publishAllPorts')}
        hint={t('hints.publishAllPorts')}
        option="containers.create.ports"
      />
    </>
  )
}

function ModeField() {
  const t = useTranslations('run')
  const { draft, set, reason } = useRunForm()
  const permission = usePermissionReason()
  const off = {
    bridge: reason('containers.create.network.bridge'),
    host: reason('containers.create.network.host', true),
    none: null,
    container: permission('networks.connect'),
  }
  return (
    <FormField
      name="network"
      label={t('fields.network')}
      hint={draft.network === 'host' ? t('privilegedChoice') : t(`networkHints.${draft.network}`)}
    >
      {(control) => (
        <Select
          {...control}
          value={draft.network}
          onChange={(event) => set({ network: event.target.value as Draft['network'] })}
        >
          {(['bridge', 'host', 'none', 'container'] as const).map((mode) => (
            <option key={mode} value={mode} disabled={off[mode] !== null} title={off[mode] ?? undefined}>
              {t(`networks.${mode}`)}
            </option>
          ))}
        </Select>
      )}
    </FormField>
  )
}

function SharedWithField() {
  const t = useTranslations('run')
  const { draft, set } = useRunForm()
  return (
    <FormField name="sharedWith" label={t('fields.sharedWith')} hint={t('hints.sharedWith')}>
      {(control) => (
        <ContainerChoice
          {...control}
          value={draft.sharedWith}
          className="font-mono text-xs"
          onChange={(sharedWith) => set({ sharedWith })}
        />
      )}
    </FormField>
  )
}

/** The networks that it is on, the way out first. */
function NetworkRows() {
  const t = useTranslations('run')
  const { draft, set, reason } = useRunForm()
  const permission = usePermissionReason()
  const why = reason('containers.create.networks') ?? permission('networks.connect')
  const count = draft.networks.length
  return (
    <div className="sm:col-span-2">
      <FormGroup
        name="networks"
        label={t('fields.networks')}
        hint={why ?? (count === 0 ? t('hints.networks') : count > 1 ? t('hints.wayOut') : undefined)}
        action={
          <Add
            label={t('add.networks')}
            disabled={why !== null}
            onClick={() => set({ networks: [...draft.networks, newNetwork()] })}
          />
        }
      >
        <Rows>
          {draft.networks.map((row, index) => (
            <NetworkRow key={row.key} row={row} number={index + 1} />
          ))}
        </Rows>
      </FormGroup>
    </div>
  )
}

function NetworkRow({ row, number }: { row: NetworkDraft; number: number }) {
  const t = useTranslations('run')
  const { draft, set } = useRunForm()
  const refused = useRefusedPart(row.key)
  const others = draft.networks.filter((each) => each.key !== row.key)
  const change = (patch: Partial<NetworkDraft>) =>
    set({ networks: draft.networks.map((each) => (each.key === row.key ? { ...each, ...patch } : each)) })
  return (
    <Row
      id={row.key}
      label={t('removeRow', { what: t('fields.networks'), number })}
      onRemove={() => set({ networks: others })}
    >
      <NetworkChoice
        {...refused('network')}
        others={others.map(({ network }) => network)}
        aria-label={t('attachment.network', { number })}
        placeholder={t('attachment.networkPlace')}
        value={row.network}
        className="font-mono text-xs"
        onChange={(network) => change({ network })}
      />
      {(['aliases', 'ipv4', 'ipv6'] as const).map((part) => (
        <Input
          key={part}
          {...refused(part)}
          aria-label={t(`attachment.${part}`, { number })}
          placeholder={t(`attachment.${part}Place`)}
          title={t(`attachment.${part}Hint`)}
          value={row[part]}
          spellCheck={false}
          autoComplete="off"
          className={part === 'aliases' ? aliasBox : addressBox}
          onChange={(event) => change({ [part]: event.target.value })}
        />
      ))}
    </Row>
  )
}

const aliasBox = 'min-w-0 flex-3 font-mono text-xs max-sm:basis-full'
const addressBox = 'min-w-0 flex-2 font-mono text-xs'
