'use client'

import { useTranslations } from 'use-intl'
import { useRunForm } from './form-context.ts'
import { DeviceRows } from './rows.tsx'
import { Check, TextInput } from './section-fields.tsx'
import { joined, Section } from './section.tsx'

const namespaces = ['pidNamespace', 'ipcNamespace', 'utsNamespace'] as const

/** What reaches beyond the container's own world. */
export function SecuritySection() {
  const t = useTranslations('run')
  const { draft } = useRunForm()
  const hostNamespaces = namespaces.filter((kind) => draft[kind] === 'host')
  return (
    <Section
      title={t('sections.security')}
      contents={t('contents.security')}
      summary={joined(
        draft.capAdd !== '' && `+ ${draft.capAdd}`,
        draft.capDrop !== '' && `− ${draft.capDrop}`,
        draft.seccomp === 'unconfined' && t('seccompOff'),
        draft.maskedPaths === 'none' && t('unmasked'),
        hostNamespaces.length > 0 && t('hostNamespaces'),
        draft.devices.map((device) => device.hostPath).join(' · '),
      )}
      fields={['capAdd', 'capDrop', 'seccomp', 'maskedPaths', 'pidNamespace', 'devices']}
    >
      <p className="text-xs text-muted sm:col-span-2">{t('privilegedSection')}</p>
      <TextInput name="capDrop" placeholder="ALL" option="containers.create.capabilities" />
      <TextInput name="capAdd" placeholder="NET_ADMIN" option="containers.create.capabilities" privileged />
      <Check
        name="seccomp"
        label={t('fields.seccomp')}
        hint={t('hints.seccomp')}
        option="containers.create.seccomp"
        privileged
        on="unconfined"
        off="default"
      />
      <Check
        name="maskedPaths"
        label={t('fields.maskedPaths')}
        hint={t('hints.maskedPaths')}
        option="containers.create.maskedPaths"
        privileged
        on="none"
        off="default"
      />
      {namespaces.map((kind) => (
        <Check
          key={kind}
          name={kind}
          label={t(`fields.${kind}`)}
          hint={t(`hints.${kind}`)}
          option="containers.create.hostNamespaces"
          privileged
          on="host"
          off="private"
        />
      ))}
      <DeviceRows />
    </Section>
  )
}
