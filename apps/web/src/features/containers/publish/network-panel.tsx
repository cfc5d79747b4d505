'use client'

import { CopyButton, Facts, Panel } from '@flotilla/ui'
import { Plus, X } from 'lucide-react'
import { useState } from 'react'
import { lazily } from '../../../data/lazily.ts'
import { DialogPart } from '../../../data/part.tsx'
import { useTranslations } from 'use-intl'
import type { PortMapping } from '@flotilla/protocol'
import { GuardedButton } from '../../../data/guarded-button.tsx'
import { NativeLink } from '../../../noun-pages/native-link.tsx'
import { useCapability } from '../../../nouns/hosts/use-capability.ts'
import type { ContainerWithDetail } from '../page/container-with-detail.ts'
import { ContainerPorts } from '../ports.tsx'

const PortDialog = lazily(() => import('./port-dialog.tsx').then((module) => module.PortDialog))

interface Props {
  container: ContainerWithDetail
}

/** The networks that a container is on, its addresses, and the ports that lead to it. */
export function NetworkPanel({ container, className }: Props & { className: string }) {
  const t = useTranslations('container.summary')
  const networks = container.detail?.networks ?? []
  const word = (text: string) => <span className="font-mono text-xs break-all">{text}</span>
  return (
    <Panel title={t('network')}>
      <Facts
        className={className}
        items={[
          networks.length === 0 ? [t('network'), word(container.network)] : null,
          ...networks.map(
            (network) =>
              [
                t('network'),
                <span key={network.id} className="flex flex-wrap items-center gap-x-2">
                  <NativeLink noun="networks" of={container} reference={network.id} text={network.name} />
                  {[network.ipv4, network.ipv6]
                    .filter((address) => address !== null)
                    .map((address) => (
                      <Address key={address} address={address} />
                    ))}
                </span>,
              ] as const,
          ),
          networks.length === 0 && container.ipAddress
            ? [t('address'), <Address key="v" address={container.ipAddress} />]
            : null,
          container.detail ? [t('hostname'), word(container.detail.hostname)] : null,
          [t('ports'), <PublishedPorts key="v" container={container} />],
        ]}
      />
    </Panel>
  )
}

function Address({ address }: { address: string }) {
  const common = useTranslations('common')
  return (
    <span className="inline-flex items-center gap-1 font-mono text-xs text-muted">
      {address}
      <CopyButton
        text={address}
        label={common('copy')}
        copiedLabel={common('copied')}
        failedLabel={common('copyFailed')}
      />
    </span>
  )
}

/** The ports, each with its way out, and the way to publish one more. */
function PublishedPorts({ container }: Props) {
  const t = useTranslations('container.summary')
  const capability = useCapability()
  const [asks, setAsks] = useState<PortMapping | 'new' | null>(null)
  const why = (method: string) =>
    capability(container, method) ?? (container.state === 'running' ? null : t('portsRunning'))
  const { ports } = container
  return (
    <div className="space-y-1">
      {ports.length === 0 ? <span className="text-sm text-muted">{t('noPorts')}</span> : null}
      {ports.map((port) => (
        <div
          key={`${port.hostIp} ${port.hostPort} ${port.containerPort} ${port.protocol}`}
          className="flex items-center gap-2"
        >
          <ContainerPorts of={{ ...container, ports: [port] }} most={1} />
          {port.hostIp === '' ? null : <span className="font-mono text-xs text-faint">{port.hostIp}</span>}
          <GuardedButton
            kind="ghost"
            size="icon-sm"
            className="size-6"
            permission="networks.connect"
            reason={why('containers.unpublish')}
            aria-label={t('unpublish', { port: String(port.hostPort) })}
            onClick={() => setAsks(port)}
          >
            <X />
          </GuardedButton>
        </div>
      ))}
      <GuardedButton
        size="sm"
        permission="networks.connect"
        reason={why('containers.publish')}
        onClick={() => setAsks('new')}
      >
        <Plus />
        {t('publish')}
      </GuardedButton>
      {asks === null ? null : (
        <DialogPart onClose={() => setAsks(null)}>
          <PortDialog container={container} asks={asks} onClose={() => setAsks(null)} />
        </DialogPart>
      )}
    </div>
  )
}
