'use client'

import { Checkbox, Input, Select } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import type { Draft } from './draft.ts'
import { useRunForm } from './form-context.ts'
import { FormField } from './form-field.tsx'
import { DeviceRows, MountRows, PairRows } from './rows.tsx'
import { Section } from './section.tsx'

type TextField = {
  [K in keyof Draft]: Draft[K] extends string ? K : never
}[keyof Draft]

/** One line of text for one field. */
function TextInput(props: {
  name: TextField
  placeholder?: string
  option?: string
  privileged?: boolean
  numeric?: boolean
}) {
  const t = useTranslations('run')
  const { draft, set } = useRunForm()
  const hint = hinted.has(props.name) ? t(`hints.${props.name}` as 'hints.user') : undefined
  return (
    <FormField
      name={props.name}
      label={t(`fields.${props.name}` as 'fields.user')}
      {...(hint === undefined ? {} : { hint })}
      {...(props.option ? { option: props.option } : {})}
      {...(props.privileged ? { privileged: true } : {})}
    >
      {(control) => (
        <Input
          {...control}
          value={draft[props.name]}
          placeholder={props.placeholder}
          spellCheck={false}
          autoComplete="off"
          {...(props.numeric ? { inputMode: 'decimal' } : {})}
          className="font-mono text-xs"
          onChange={(event) => set({ [props.name]: event.target.value })}
        />
      )}
    </FormField>
  )
}

const hinted: ReadonlySet<string> = new Set([
  'memory',
  'cpus',
  'pids',
  'entrypoint',
  'user',
  'workingDir',
  'hostname',
  'stopSignal',
  'stopTimeout',
  'capAdd',
  'capDrop',
])

/** What the image says of itself, shown where nothing is typed. */
export interface ImageDefaults {
  entrypoint: string
  user: string
  workingDir: string
  stopSignal: string
}

/** All options beyond the basic ones, folded. */
export function Sections({ defaults }: { defaults: ImageDefaults | null }) {
  const t = useTranslations('run')
  const { draft, set, reason } = useRunForm()
  const join = (...parts: (string | false)[]) => parts.filter(Boolean).join(' · ')
  const hostNamespaces = (['pidNamespace', 'ipcNamespace', 'utsNamespace'] as const).filter(
    (kind) => draft[kind] === 'host',
  )
  return (
    <div>
      <Section
        title={t('sections.storage')}
        contents={t('contents.storage')}
        summary={draft.mounts.map((mount) => mount.target || mount.type).join(' · ')}
        fields={['mounts', 'readOnlyRoot']}
      >
        <MountRows />
        <Check name="readOnlyRoot" label={t('fields.readOnlyRoot')} hint={t('hints.readOnlyRoot')} />
      </Section>
      <Section
        title={t('sections.resources')}
        contents={t('contents.resources')}
        summary={join(
          draft.memory,
          draft.cpus !== '' && t('cpusShort', { cpus: draft.cpus }),
          draft.pids !== '' && t('pidsShort', { pids: draft.pids }),
        )}
        fields={['memory', 'cpus', 'pids']}
      >
        <TextInput name="memory" placeholder="512m" option="containers.create.memoryLimit" />
        <TextInput name="cpus" placeholder="1.5" numeric option="containers.create.cpuLimit" />
        <TextInput name="pids" placeholder="200" numeric option="containers.create.pidsLimit" />
      </Section>
      <Section
        title={t('sections.process')}
        contents={t('contents.process')}
        summary={join(draft.entrypoint, draft.user, draft.workingDir, draft.tty && t('fields.tty'))}
        fields={['entrypoint', 'user', 'workingDir', 'tty', 'stopSignal', 'stopTimeout']}
      >
        <TextInput name="entrypoint" placeholder={defaults?.entrypoint ?? ''} />
        <TextInput name="user" placeholder={defaults?.user ?? 'root'} />
        <TextInput name="workingDir" placeholder={defaults?.workingDir ?? '/'} />
        <TextInput name="stopSignal" placeholder={defaults?.stopSignal ?? 'SIGTERM'} />
        <TextInput name="stopTimeout" placeholder="10" numeric />
        <Check name="tty" label={t('fields.tty')} hint={t('hints.tty')} />
      </Section>
      <Section
        title={t('sections.network')}
        contents={t('contents.network')}
        summary={join(draft.network !== 'bridge' && t(`networks.${draft.network}`), draft.hostname)}
        fields={['network', 'hostname', 'publishAllPorts']}
      >
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
              <option value="bridge" disabled={reason('containers.create.network.bridge') !== null}>
                {t('networks.bridge')}
              </option>
              <option value="host" disabled={reason('containers.create.network.host', true) !== null}>
                {t('networks.host')}
              </option>
              <option value="none">{t('networks.none')}</option>
            </Select>
          )}
        </FormField>
        <TextInput name="hostname" />
        <Check
          name="publishAllPorts"
          label={t('fields.publishAllPorts')}
          hint={t('hints.publishAllPorts')}
          option="containers.create.ports"
        />
      </Section>
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
              {(['no', 'on-failure', 'unless-stopped', 'always'] as const).map((policy) => (
                <option key={policy} value={policy}>
                  {t(`restarts.${policy}`)}
                </option>
              ))}
            </Select>
          )}
        </FormField>
        {draft.restart === 'on-failure' ? <TextInput name="maximumRetries" numeric placeholder="∞" /> : null}
      </Section>
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
      <Section
        title={t('sections.security')}
        contents={t('contents.security')}
        summary={join(
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
        {(['pidNamespace', 'ipcNamespace', 'utsNamespace'] as const).map((kind) => (
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
    </div>
  )
}

type Toggle =
  | 'readOnlyRoot'
  | 'tty'
  | 'publishAllPorts'
  | 'seccomp'
  | 'maskedPaths'
  | 'pidNamespace'
  | 'ipcNamespace'
  | 'utsNamespace'

/** A box to tick; `on` and `off` are the words it stands for where the option is no plain yes or no. */
function Check(props: {
  name: Toggle
  label: string
  hint: string
  option?: string
  privileged?: boolean
  on?: string
  off?: string
}) {
  const { draft, set } = useRunForm()
  return (
    <FormField
      name={props.name}
      label={props.label}
      hint={props.hint}
      {...(props.option ? { option: props.option } : {})}
      {...(props.privileged ? { privileged: true } : {})}
      className="grid grid-cols-[auto_1fr] content-start items-start gap-x-2 [&>input]:order-first [&>input]:mt-0.5 [&>p]:col-start-2"
    >
      {(control) => (
        <Checkbox
          {...control}
          checked={draft[props.name] === (props.on ?? true)}
          onChange={(event) => set({ [props.name]: event.target.checked ? (props.on ?? true) : (props.off ?? false) })}
        />
      )}
    </FormField>
  )
}
