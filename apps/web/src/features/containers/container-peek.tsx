'use client'

import type { FleetContainer } from '@flotilla/protocol'
import { Button, Facts, Sheet } from '@flotilla/ui'
import Link from 'next/link'
import { useEffect, useRef } from 'react'
import { useTranslations } from 'use-intl'
import { Ago, Bytes, Cores, ShortId } from '../../format/values.tsx'
import { WithHidden } from '../../format/with-hidden.tsx'
import { EngineName } from '../../nouns/hosts/engine-name.tsx'
import { ContainerMenu } from './container-menu.tsx'
import { ContainerStateWord } from '../../nouns/containers/container-state-word.tsx'
import { ContainerPorts } from './ports.tsx'
import type { ContainerVerb } from './use-container-actions.ts'

/** A look at a row without leaving the list. */
export function ContainerPeek(props: {
  container: FleetContainer | null
  onClose: () => void
  /** `j` and `k` go on to the rows below and above. */
  onStep: (step: 1 | -1) => void
  onVerb: (verb: ContainerVerb, container: FleetContainer) => void
}) {
  const t = useTranslations('containers')
  const common = useTranslations('common')
  const { container } = props
  const isOpen = container !== null
  const latest = useRef(props)
  useEffect(() => {
    latest.current = props
  })
  useEffect(() => {
    if (!isOpen) return
    const press = (event: KeyboardEvent) => {
      // The very key that opened it comes here too; the table has taken it.
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      if (document.querySelector('[role="menu"]')) return
      const onControl = event.target instanceof HTMLElement && event.target.closest('button,a,input') !== null
      if (event.key === 'j') latest.current.onStep(1)
      else if (event.key === 'k') latest.current.onStep(-1)
      else if (event.key === ' ' && !onControl) latest.current.onClose()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [isOpen])
  if (container === null) return null
  const base = `/containers/${encodeURIComponent(container.id)}`
  return (
    <Sheet
      open
      onOpenChange={(open) => {
        if (!open) props.onClose()
      }}
      title={<span className="font-mono">{container.name}</span>}
      label={t('peek', { name: container.name })}
      closeLabel={common('close')}
    >
      <div className="space-y-4 p-4">
        <div className="flex items-center justify-between">
          <ContainerStateWord container={container} />
          <ContainerMenu container={container} onVerb={(verb) => props.onVerb(verb, container)} />
        </div>
        {container.stateReason ? (
          <p className="text-sm text-muted">
            <WithHidden text={container.stateReason} />
          </p>
        ) : null}
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
            [t('columns.ports'), <ContainerPorts key="v" of={container} all />],
            container.ipAddress
              ? [
                  t('facts.address'),
                  <span key="v" className="font-mono text-xs">
                    {container.ipAddress}
                  </span>,
                ]
              : null,
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
    </Sheet>
  )
}
