'use client'

import { Select } from '@flotilla/ui'
import { Suspense } from 'react'
import { useTranslations } from 'use-intl'
import { lazily } from '../../data/lazily.ts'
import type { Draft } from './draft.ts'
import { useRunForm } from './form-context.ts'
import { FormField } from './form-field.tsx'
import type { ImageDefaults } from './image-defaults.ts'
import { PairRows } from './rows.tsx'
import { Check, TextInput } from './section-fields.tsx'
import { joined, Section } from './section.tsx'
import { SecuritySection } from './security-section.tsx'

// Most containers are run without them, and they bring lists of volumes and networks.
const MountRows = lazily(() => import('./mount-rows.tsx').then((module) => module.MountRows))
const NetworkFields = lazily(() => import('./network-fields.tsx').then((module) => module.NetworkFields))

const policies = ['no', 'on-failure', 'unless-stopped', 'always'] as const

/** All options beyond the basic ones, folded. */
export function Sections({ defaults }: { defaults: ImageDefaults | null }) {
  return (
    <div>
      <StorageSection />
      <ResourcesSection />
      <ProcessSection defaults={defaults} />
      <NetworkSection />
      <RestartSection />
      <LabelsSection />
      <SecuritySection />
    </div>
  )
}

function StorageSection() {
  const t = useTranslations('run')
  const { draft } = useRunForm()
  return (
    <Section
      title={t('sections.storage')}
      contents={t('contents.storage')}
      summary={draft.mounts.map((mount) => mount.source || mount.target || mount.type).join(' · ')}
      fields={['mounts', 'readOnlyRoot']}
    >
      <div className="sm:col-span-2">
        <Suspense>
          <MountRows />
        </Suspense>
      </div>
      <Check name="readOnlyRoot" label={t('fields.readOnlyRoot')} hint={t('hints.readOnlyRoot')} />
    </Section>
  )
}

function ResourcesSection() {
  const t = useTranslations('run')
  const { draft } = useRunForm()
  return (
    <Section
      title={t('sections.resources')}
      contents={t('contents.resources')}
      summary={joined(
        draft.memory,
        draft.cpus !== '' && t('cpusShort', { cpus: draft.cpus }),
        draft.pids !== '' && t('pidsShort', { pids: draft.pids }),
        draft.storage !== '' && t('storageShort', { size: draft.storage }),
      )}
      fields={['memory', 'cpus', 'pids', 'storage']}
    >
      <TextInput name="memory" placeholder="512m" option="containers.create.memoryLimit" />
      <TextInput name="cpus" placeholder="1.5" numeric option="containers.create.cpuLimit" />
      <TextInput name="pids" placeholder="200" numeric option="containers.create.pidsLimit" />
      <TextInput name="storage" placeholder="10g" option="containers.create.storageLimit" />
    </Section>
  )
}

function ProcessSection({ defaults }: { defaults: ImageDefaults | null }) {
  const t = useTranslations('run')
  const { draft } = useRunForm()
  return (
    <Section
      title={t('sections.process')}
      contents={t('contents.process')}
      summary={joined(draft.entrypoint, draft.user, draft.workingDir, draft.tty && t('fields.tty'))}
      fields={['entrypoint', 'user', 'workingDir', 'tty', 'stopSignal', 'stopTimeout']}
    >
      <TextInput name="entrypoint" placeholder={defaults?.entrypoint ?? ''} />
      <TextInput name="user" placeholder={defaults?.user ?? 'root'} />
      <TextInput name="workingDir" placeholder={defaults?.workingDir ?? '/'} />
      <TextInput name="stopSignal" placeholder={defaults?.stopSignal ?? 'SIGTERM'} />
      <TextInput name="stopTimeout" placeholder="10" numeric />
      <Check name="tty" label={t('fields.tty')} hint={t('hints.tty')} />
    </Section>
  )
}

function NetworkSection() {
  const t = useTranslations('run')
  const { draft } = useRunForm()
  const names = draft.network === 'bridge' ? draft.networks.map(({ network }) => network) : []
  return (
    <Section
      title={t('sections.network')}
      contents={t('contents.network')}
      summary={joined(
        draft.network !== 'bridge' && t(`networks.${draft.network}`),
        draft.network === 'container' && draft.sharedWith,
        ...names,
        draft.hostname,
      )}
      fields={['network', 'networks', 'sharedWith', 'hostname', 'publishAllPorts']}
    >
      <Suspense>
        <NetworkFields />
      </Suspense>
    </Section>
  )
}

function RestartSection() {
  const t = useTranslations('run')
  const { draft, set } = useRunForm()
  return (
    <Section
      title={t('sections.restart')}
      contents={t('contents.restart')}
      summary={draft.restart === 'no' ? '' : t(`restarts.${draft.restart}`)}
      fields={['restart', 'maximumRetries']}
    >
      <FormField
        name="restart"
        label={t('fields.restart')}
        hint={t(`restartHints.${draft.restart}`)}
        option="containers.create.restart"
      >
        {(control) => (
          <Select
            {...control}
            value={draft.restart}
            onChange={(event) => set({ restart: event.target.value as Draft['restart'] })}
          >
            {policies.map((policy) => (
              <option key={policy} value={policy}>
                {t(`restarts.${policy}`)}
              </option>
            ))}
          </Select>
        )}
      </FormField>
      {draft.restart === 'on-failure' ? <TextInput name="maximumRetries" numeric placeholder="∞" /> : null}
    </Section>
  )
}

function LabelsSection() {
  const t = useTranslations('run')
  const { draft } = useRunForm()
  return (
    <Section
      title={t('sections.labels')}
      contents={t('contents.labels')}
      summary={draft.labels.map((label) => label.name).join(' · ')}
      fields={['labels']}
    >
      <div className="sm:col-span-2">
        <PairRows field="labels" />
      </div>
    </Section>
  )
}
