'use client'

import type { FleetContainer, FleetNetwork } from '@flotilla/protocol'
import { Button, DialogActions, Field, Input, toast } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorNote } from '../../../data/error-note.tsx'
import { newOperationId } from '../../../data/operation-id.ts'
import { client, useTrpc } from '../../../data/trpc.ts'
import { useChange } from '../../../noun-pages/use-change.ts'
import { ContainerStateWord } from '../../../nouns/containers/container-state-word.tsx'

const shown = 20

/** Which container comes onto a network, and what it is found by there. */
export function ConnectForm({ network, onClose }: { network: FleetNetwork; onClose: () => void }) {
  const t = useTranslations('networkDialogs.connectDialog')
  const common = useTranslations('common')
  const { change, failure, busy } = useChange('networks')
  const [chosen, setChosen] = useState<FleetContainer | null>(null)
  const [aliases, setAliases] = useState('')
  const [ipv4, setIpv4] = useState('')
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (chosen === null) return
    const connected = await change(() =>
      client.networks.connect.mutate({
        id: network.id,
        container: chosen.nativeId,
        aliases: aliases.split(/[\s,]+/).filter(Boolean),
        ...(ipv4 === '' ? {} : { ipv4 }),
        operationId: newOperationId(),
      }),
    )
    if (connected === null) return
    toast('ok', t('done', { container: chosen.name, network: network.name }))
    onClose()
  }
  return (
    <form className="space-y-4" onSubmit={(event) => void submit(event)}>
      {failure === null ? null : <ErrorNote error={failure} title={t('failed')} />}
      <ContainerChoice network={network} chosen={chosen} onChoose={setChosen} />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t('aliases')} hint={t('aliasesHint')}>
          {(control) => (
            <Input
              {...control}
              value={aliases}
              spellCheck={false}
              autoComplete="off"
              className="font-mono text-xs"
              onChange={(event) => setAliases(event.target.value)}
            />
          )}
        </Field>
        <Field label={t('ipv4')} hint={t('ipv4Hint')}>
          {(control) => (
            <Input
              {...control}
              value={ipv4}
              spellCheck={false}
              autoComplete="off"
              className="font-mono text-xs"
              onChange={(event) => setIpv4(event.target.value.trim())}
            />
          )}
        </Field>
      </div>
      <DialogActions>
        <Button onClick={onClose}>{common('cancel')}</Button>
        <Button kind="primary" type="submit" disabled={busy || chosen === null}>
          {t('connect')}
        </Button>
      </DialogActions>
    </form>
  )
}

/** The containers of the network's engine, searched as one types. */
function ContainerChoice(props: {
  network: FleetNetwork
  chosen: FleetContainer | null
  onChoose: (container: FleetContainer) => void
}) {
  const t = useTranslations('networkDialogs.connectDialog')
  const { hostId, engine } = props.network
  const [search, setSearch] = useState('')
  const query = useQuery({
    ...useTrpc().containers.list.queryOptions({ hostId, engine, search, limit: shown }),
    placeholderData: (before) => before,
  })
  const { detail } = useQuery(useTrpc().networks.inspect.queryOptions({ id: props.network.id })).data ?? {}
  const there = new Set(detail?.endpoints.map(({ containerId }) => containerId))
  return (
    <div>
      <Field label={t('search')}>
        {(control) => (
          <Input
            {...control}
            autoFocus
            type="search"
            value={search}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => setSearch(event.target.value)}
          />
        )}
      </Field>
      {query.isError ? <ErrorNote className="mt-2" error={query.error} title={t('listFailed')} /> : null}
      <fieldset
        aria-label={t('containers')}
        className="mt-2 max-h-52 overflow-y-auto rounded-md border border-line"
        aria-busy={query.isPending}
      >
        {query.data?.items.map((container) => (
          <label
            key={container.id}
            className="flex min-h-9 cursor-pointer items-center gap-3 border-b border-line/60 px-3 last:border-0 hover:bg-raised/50 has-checked:bg-accent/10 has-disabled:cursor-default max-sm:min-h-10"
          >
            <input
              type="radio"
              name="container"
              disabled={there.has(container.nativeId)}
              checked={props.chosen?.id === container.id}
              onChange={() => props.onChoose(container)}
              className="accent-accent focus-visible:outline-2 focus-visible:outline-accent"
            />
            <span className="min-w-0 flex-1 truncate font-mono text-xs">{container.name}</span>
            {there.has(container.nativeId) ? <span className="text-xs text-muted">{t('there')}</span> : null}
            <ContainerStateWord container={container} className="text-xs" />
          </label>
        ))}
        {query.data?.items.length === 0 ? <p className="px-3 py-2 text-sm text-muted">{t('none')}</p> : null}
      </fieldset>
    </div>
  )
}
