'use client'

import type { NetworkEndpoint } from '@flotilla/protocol'
import { Button, Dialog, DialogActions, Panel, StateWord, toast } from '@flotilla/ui'
import { Unplug } from 'lucide-react'
import Link from 'next/link'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '../../../data/error-note.tsx'
import { GuardedButton } from '../../../data/guarded-button.tsx'
import { DialogPart } from '../../../data/part.tsx'
import { newOperationId } from '../../../data/operation-id.ts'
import { client } from '../../../data/trpc.ts'
import { useChange } from '../../../noun-pages/use-change.ts'
import { VerbButton } from '../../../noun-pages/verb-button.tsx'
import type { Verb } from '../../../noun-pages/verb.ts'
import { useCapability } from '../../../nouns/hosts/use-capability.ts'
import type { NetworkWithDetail } from './network-with-detail.ts'

/** The containers that are on a network, or will be when they run, with what they are found by. */
export function Endpoints({ network, connect }: { network: NetworkWithDetail; connect: Verb<NetworkWithDetail> }) {
  const t = useTranslations('networks.endpoints')
  const [leaving, setLeaving] = useState<NetworkEndpoint | null>(null)
  const endpoints = network.detail?.endpoints ?? null
  return (
    <Panel
      title={t('title')}
      count={endpoints?.length}
      flush
      actions={<VerbButton verb={connect} row={network} size="sm" />}
    >
      {endpoints === null || endpoints.length === 0 ? (
        <p className="p-3 text-sm text-muted">{t(endpoints === null ? 'away' : 'none')}</p>
      ) : (
        <ul className="divide-y divide-line">
          {endpoints.map((endpoint) => (
            <Endpoint
              key={endpoint.containerId}
              network={network}
              endpoint={endpoint}
              onLeave={() => setLeaving(endpoint)}
            />
          ))}
        </ul>
      )}
      {leaving ? (
        <DialogPart onClose={() => setLeaving(null)}>
          <LeaveDialog network={network} endpoint={leaving} onClose={() => setLeaving(null)} />
        </DialogPart>
      ) : null}
    </Panel>
  )
}

function Endpoint(props: { network: NetworkWithDetail; endpoint: NetworkEndpoint; onLeave: () => void }) {
  const t = useTranslations('networks.endpoints')
  const capability = useCapability()
  const { network, endpoint } = props
  const { ipv4, ipv6, aliases } = endpoint
  return (
    <li className="flex items-center gap-4 px-3 py-2">
      <span className="min-w-0 flex-1 wrap-anywhere">
        <Link
          href={`/containers/${encodeURIComponent(endpoint.containerId)}`}
          prefetch={false}
          className="rounded-sm font-mono text-xs font-medium hover:underline focus-visible:outline-2 focus-visible:outline-accent"
        >
          {endpoint.containerName}
        </Link>
        {aliases.length > 0 ? (
          <span className="ml-2 text-xs text-muted">{t('aliases', { names: aliases.join(', ') })}</span>
        ) : null}
        <span className="flex flex-wrap gap-x-3 font-mono text-xs break-all text-muted">
          {ipv4 === null ? null : <span>{ipv4}</span>}
          {ipv6 === null ? null : <span>{ipv6}</span>}
        </span>
      </span>
      <StateWord tone={endpoint.connected ? 'ok' : 'idle'} className="text-sm">
        {t(endpoint.connected ? 'connected' : 'later')}
      </StateWord>
      <GuardedButton
        size="sm"
        className="max-sm:size-10"
        permission="networks.connect"
        reason={capability(network, 'networks.disconnect')}
        aria-label={t('disconnectNamed', { name: endpoint.containerName })}
        title={t('disconnect')}
        onClick={props.onLeave}
      >
        <Unplug />
        <span className="max-sm:hidden">{t('disconnect')}</span>
      </GuardedButton>
    </li>
  )
}

function LeaveDialog(props: { network: NetworkWithDetail; endpoint: NetworkEndpoint; onClose: () => void }) {
  const t = useTranslations('networks.endpoints')
  const common = useTranslations('common')
  const errorText = useErrorText()
  const { network, endpoint, onClose } = props
  const { containerId: container, containerName: name } = endpoint
  const { change, failure, busy } = useChange('networks')
  const confirm = async () => {
    const { id } = network
    const left = await change(() => client.networks.disconnect.mutate({ id, container, operationId: newOperationId() }))
    if (left === null) return
    toast('ok', t('done', { name }))
    onClose()
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t('askTitle', { name })}
      description={t('askText', { network: network.name })}
      closeLabel={common('close')}
    >
      {failure === null ? null : (
        <p role="alert" className="mb-4 text-sm text-bad">
          {t('failed', { name })} {errorText(failure)}
        </p>
      )}
      <DialogActions>
        <Button onClick={onClose}>{common('cancel')}</Button>
        <Button kind="danger" disabled={busy} autoFocus onClick={() => void confirm()}>
          {t('disconnect')}
        </Button>
      </DialogActions>
    </Dialog>
  )
}
