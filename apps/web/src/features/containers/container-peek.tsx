'use client'

import type { FleetContainer } from '@flotilla/protocol'
import { Button, Facts } from '@flotilla/ui'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { Ago, Bytes, Cores, ShortId } from '../../format/values.tsx'
import { useReasonText } from '../../format/reason-text.ts'
import { WithHidden } from '../../format/with-hidden.tsx'
import { ContainerStateWord } from '../../nouns/containers/container-state-word.tsx'
import { EngineName } from '../../nouns/hosts/engine-name.tsx'
import { VerbMenu } from '../../noun-pages/verb-menu.tsx'
import type { VerbGroups } from '../../noun-pages/verb.ts'
import { ContainerPorts } from './ports.tsx'

/** What one wants to know of a container before going to its page. */
export function ContainerPeek({ container, verbs }: { container: FleetContainer; verbs: VerbGroups<FleetContainer> }) {
  const t = useTranslations('containers')
  const reason = useReasonText()(container.stateReason, container.stateReasonFacts)
  const base = `/containers/${encodeURIComponent(container.id)}`
  return (
    <div className="space-y-4 p-4">
      <div className="flex items-center justify-between">
        <ContainerStateWord container={container} />
        <VerbMenu row={container} name={container.name} verbs={verbs} />
      </div>
      {reason ? (
        <p className="text-sm text-muted">
          <WithHidden text={reason} />
        </p>
      ) : null}
      <PeekFacts container={container} />
      <div className="flex gap-2">
        <Button asChild kind="primary">
          <Link href={base}>{t('open')}</Link>
        </Button>
        <Button asChild>
          <Link href={`${base}?tab=logs`}>{t('tabs.logs')}</Link>
        </Button>
        <Button asChild>
          <Link href={`${base}?tab=terminal`}>{t('tabs.terminal')}</Link>
        </Button>
      </div>
    </div>
  )
}

function PeekFacts({ container }: { container: FleetContainer }) {
  const t = useTranslations('containers')
  const mono = (text: ReactNode) => <span className="font-mono text-xs">{text}</span>
  return (
    <Facts
      items={[
        [
          t('columns.image'),
          <span key="v" className="font-mono text-xs break-all">
            {container.image}
          </span>,
        ],
        [t('facts.id'), <ShortId key="v" id={container.nativeId} />],
        [
          t('columns.host'),
          <span key="v">
            {container.hostName} · <EngineName of={container} />
          </span>,
        ],
        [t('columns.ports'), <ContainerPorts key="v" of={container} most={Infinity} />],
        container.ipAddress ? [t('facts.address'), mono(container.ipAddress)] : null,
        typeof container.usage?.cpuCores === 'number'
          ? [t('columns.cpu'), <Cores key="v" cores={container.usage.cpuCores} />]
          : null,
        container.usage ? [t('columns.memory'), <Bytes key="v" bytes={container.usage.memoryBytes} />] : null,
        [t('columns.created'), <Ago key="v" at={container.createdAt} />],
        container.startedAt ? [t('facts.started'), <Ago key="v" at={container.startedAt} />] : null,
        [
          t('facts.command'),
          <code key="v" className="font-mono text-xs break-all">
            <WithHidden text={container.command.join(' ')} />
          </code>,
        ],
      ]}
    />
  )
}
