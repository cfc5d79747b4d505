'use client'

import { Button, Checkbox, DialogActions, Field, Input, Textarea, toast } from '@flotilla/ui'
import { useState, type FormEvent, type ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorNote } from '../../../data/error-note.tsx'
import { newOperationId } from '../../../data/operation-id.ts'
import { client } from '../../../data/trpc.ts'
import { parseLabels } from '../../../format/labels.ts'
import { PlaceFields } from '../../../noun-pages/place-fields.tsx'
import { useChange } from '../../../noun-pages/use-change.ts'
import { usePlace } from '../../../noun-pages/use-place.ts'
import { newNetwork, readMtu, toInput, type NetworkDraft } from './network-draft.ts'

interface Part {
  draft: NetworkDraft
  set: (patch: Partial<NetworkDraft>) => void
}

/** What a new network is called, its addresses and what it is closed to; nothing but the name has to be said. */
export function CreateForm({ hostId, onClose }: { hostId: string; onClose: () => void }) {
  const t = useTranslations('networkDialogs.createDialog')
  const common = useTranslations('common')
  const words = useTranslations('dialogs.labels')
  const place = usePlace('networks.create', hostId)
  const { change, failure, busy } = useChange('networks')
  const [draft, setDraft] = useState(newNetwork)
  const set = (patch: Partial<NetworkDraft>) => setDraft((before) => ({ ...before, ...patch }))
  const { host, engine } = place
  const input = toInput(draft)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!host || input === null) return
    const where = { hostId: host.id, ...(engine ? { engine: engine.id } : {}) }
    const made = await change(() =>
      client.networks.create.mutate({ ...where, ...input, operationId: newOperationId() }),
    )
    if (made === null) return
    toast('ok', t('done', { name: made.name, host: made.hostName }))
    onClose()
  }
  return (
    <form className="space-y-4" onSubmit={(event) => void submit(event)}>
      {failure === null ? null : <ErrorNote error={failure} title={t('failed')} />}
      <Field label={t('name')}>
        {(control) => (
          <Text
            control={control}
            value={draft.name}
            placeholder={t('namePlace')}
            focus
            onChange={(name) => set({ name })}
          />
        )}
      </Field>
      <PlaceFields place={place} />
      <Addresses draft={draft} set={set} />
      <div className="grid gap-3 sm:grid-cols-2">
        <Check
          label={t('isInternal')}
          hint={t('isInternalHint')}
          checked={draft.internal}
          onChange={(internal) => set({ internal })}
        />
        <Check label={t('noDns')} hint={t('noDnsHint')} checked={!draft.dns} onChange={(off) => set({ dns: !off })} />
      </div>
      <More draft={draft} set={set} />
      <Field
        label={words('label')}
        hint={words('hint')}
        {...(parseLabels(draft.labels) === null ? { error: words('wrong') } : {})}
      >
        {(control) => (
          <Textarea
            {...control}
            rows={2}
            value={draft.labels}
            spellCheck={false}
            placeholder="team=harbour"
            className="font-mono text-xs"
            onChange={(event) => set({ labels: event.target.value })}
          />
        )}
      </Field>
      <DialogActions>
        <Button onClick={onClose}>{common('cancel')}</Button>
        <Button kind="primary" type="submit" disabled={busy || draft.name === '' || input === null || !host}>
          {t('create')}
        </Button>
      </DialogActions>
    </form>
  )
}

function Addresses({ draft, set }: Part) {
  const t = useTranslations('networkDialogs.createDialog')
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label={t('ipv4')} hint={t('ipv4Hint')}>
        {(control) => (
          <Text
            control={control}
            value={draft.subnet4}
            placeholder="10.20.0.0/24"
            onChange={(subnet4) => set({ subnet4 })}
          />
        )}
      </Field>
      <Field label={t('ipv6')} hint={t('ipv6Hint')}>
        {(control) => (
          <Text
            control={control}
            value={draft.subnet6}
            placeholder="fd20::/64"
            onChange={(subnet6) => set({ subnet6 })}
          />
        )}
      </Field>
    </div>
  )
}

/** What few need, folded. */
function More({ draft, set }: Part) {
  const t = useTranslations('networkDialogs.createDialog')
  const families = [
    { family: 'IPv4', gateway: 'gateway4', range: 'range4', off: draft.subnet4 === '' },
    { family: 'IPv6', gateway: 'gateway6', range: 'range6', off: draft.subnet6 === '' },
  ] as const
  return (
    <details>
      <summary className="w-fit cursor-pointer rounded-sm text-sm text-muted hover:text-fg focus-visible:outline-2 focus-visible:outline-accent">
        {t('more')}
      </summary>
      <div className="mt-3 grid gap-4 sm:grid-cols-2">
        {families.map(({ family, gateway, off }) => (
          <Field key={gateway} label={t('family', { family })} hint={t('gatewayHint')}>
            {(control) => (
              <Text
                control={control}
                value={draft[gateway]}
                disabled={off}
                onChange={(value) => set({ [gateway]: value })}
              />
            )}
          </Field>
        ))}
        {families.map(({ family, range, off }) => (
          <Field key={range} label={t('familyRange', { family })} hint={t('rangeHint')}>
            {(control) => (
              <Text
                control={control}
                value={draft[range]}
                disabled={off}
                onChange={(value) => set({ [range]: value })}
              />
            )}
          </Field>
        ))}
        <Field label={t('mtu')} hint={t('mtuHint')} {...(readMtu(draft.mtu) === null ? { error: t('mtuWrong') } : {})}>
          {(control) => (
            <Text control={control} value={draft.mtu} placeholder="1500" onChange={(mtu) => set({ mtu })} />
          )}
        </Field>
      </div>
    </details>
  )
}

function Text(props: {
  control: object
  value: string
  placeholder?: string
  focus?: boolean
  disabled?: boolean
  onChange: (value: string) => void
}) {
  return (
    <Input
      {...props.control}
      autoFocus={props.focus}
      value={props.value}
      placeholder={props.placeholder}
      disabled={props.disabled}
      spellCheck={false}
      autoCapitalize="off"
      autoComplete="off"
      className="font-mono text-xs"
      onChange={(event) => props.onChange(event.target.value.trim())}
    />
  )
}

function Check(props: { label: string; hint: ReactNode; checked: boolean; onChange: (checked: boolean) => void }) {
  return (
    <label className="flex items-start gap-2 text-sm">
      <Checkbox checked={props.checked} className="mt-0.5" onChange={(event) => props.onChange(event.target.checked)} />
      <span>
        <span className="font-medium">{props.label}</span>
        <span className="block text-xs text-muted">{props.hint}</span>
      </span>
    </label>
  )
}
