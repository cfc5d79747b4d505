'use client'

import type { FleetContainer, PortMapping } from '@flotilla/protocol'
import { Button, Dialog, DialogActions, Field, Input, Select, toast } from '@flotilla/ui'
import { useState, type FormEvent } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorNote } from '../../../data/error-note.tsx'
import { newOperationId } from '../../../data/operation-id.ts'
import { client } from '../../../data/trpc.ts'
import { useChange } from '../../../noun-pages/use-change.ts'
import { publishedPort } from './published-port.ts'

interface Asked<Asks> {
  container: Pick<FleetContainer, 'id' | 'name' | 'ports'>
  asks: Asks
  onClose: () => void
}

/** Publishes a port of a running container, or takes one back. */
export function PortDialog({ asks, ...props }: Asked<PortMapping | 'new'>) {
  const t = useTranslations('container.portDialog')
  const common = useTranslations('common')
  const shared = { open: true, onOpenChange: props.onClose, closeLabel: common('close') }
  if (asks === 'new')
    return (
      <Dialog {...shared} title={t('title', { name: props.container.name })}>
        <PublishForm {...props} asks={null} />
      </Dialog>
    )
  return (
    <Dialog
      {...shared}
      title={t('askTitle', { port: String(asks.hostPort) })}
      description={t('askText', { port: String(asks.hostPort) })}
    >
      <Unpublish {...props} asks={asks} />
    </Dialog>
  )
}

/** The number of a port; undefined where nothing is written, null where it is none. */
function readPort(text: string): number | null | undefined {
  if (text.trim() === '') return undefined
  const port = Number(text)
  return Number.isInteger(port) && port >= 1 && port <= 65535 ? port : null
}

function PublishForm({ container, onClose }: Asked<null>) {
  const t = useTranslations('container.portDialog')
  const common = useTranslations('common')
  const { change, failure, busy } = useChange('containers')
  const [draft, setDraft] = useState({ inside: '', outside: '', address: '', protocol: 'tcp' as 'tcp' | 'udp' })
  const [inside, outside] = [readPort(draft.inside), readPort(draft.outside)]
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (typeof inside !== 'number' || outside === null) return
    const port = { containerPort: inside, hostPort: outside ?? 0, hostIp: draft.address, protocol: draft.protocol }
    const { id } = container
    const before = container.ports
    const done = await change(() =>
      client.containers.publish.mutate({ id, ports: [port], operationId: newOperationId() }),
    )
    if (done === null) return
    const { made, there } = publishedPort(port, before, done.ports)
    if (made !== undefined) toast('ok', t('done', { port: String(made.hostPort) }))
    else toast('idle', t('already', { port: String(there?.hostPort ?? port.hostPort) }))
    onClose()
  }
  const text = (name: 'inside' | 'outside' | 'address', value: number | null | undefined, more: object = {}) => (
    <Field label={t(name)} hint={t(`${name}Hint`)} {...(value === null ? { error: t('wrong') } : {})}>
      {(control) => (
        <Input
          {...control}
          value={draft[name]}
          spellCheck={false}
          autoComplete="off"
          className="font-mono"
          onChange={(event) => setDraft({ ...draft, [name]: event.target.value.trim() })}
          {...more}
        />
      )}
    </Field>
  )
  return (
    <form className="space-y-4" onSubmit={(event) => void submit(event)}>
      {failure === null ? null : <ErrorNote error={failure} title={t('failed')} />}
      <div className="grid gap-4 sm:grid-cols-2">
        {text('inside', inside, { autoFocus: true, inputMode: 'numeric', placeholder: '80' })}
        <Field label={t('protocol')}>
          {(control) => (
            <Select
              {...control}
              value={draft.protocol}
              onChange={(event) => setDraft({ ...draft, protocol: event.target.value === 'udp' ? 'udp' : 'tcp' })}
            >
              <option value="tcp">TCP</option>
              <option value="udp">UDP</option>
            </Select>
          )}
        </Field>
        {text('outside', outside, { inputMode: 'numeric' })}
        {text('address', undefined)}
      </div>
      <DialogActions>
        <Button onClick={onClose}>{common('cancel')}</Button>
        <Button kind="primary" type="submit" disabled={busy || typeof inside !== 'number' || outside === null}>
          {t('publish')}
        </Button>
      </DialogActions>
    </form>
  )
}

function Unpublish({ container, asks: port, onClose }: Asked<PortMapping>) {
  const t = useTranslations('container.portDialog')
  const common = useTranslations('common')
  const { change, failure, busy } = useChange('containers')
  const confirm = async () => {
    const { id } = container
    const done = await change(() =>
      client.containers.unpublish.mutate({ id, ports: [port], operationId: newOperationId() }),
    )
    if (done === null) return
    toast('ok', t('released', { port: String(port.hostPort) }))
    onClose()
  }
  return (
    <>
      {failure === null ? null : <ErrorNote className="mb-4" error={failure} title={t('unpublishFailed')} />}
      <DialogActions>
        <Button onClick={onClose}>{common('cancel')}</Button>
        <Button kind="danger" disabled={busy} autoFocus onClick={() => void confirm()}>
          {t('unpublish')}
        </Button>
      </DialogActions>
    </>
  )
}
