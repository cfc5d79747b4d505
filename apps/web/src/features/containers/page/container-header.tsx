'use client'

import type { FleetContainer } from '@flotilla/protocol'
import { CopyButton, Note } from '@flotilla/ui'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { Ago } from '../../../format/values.tsx'
import { useReasonText } from '../../../format/reason-text.ts'
import { WithHidden } from '../../../format/with-hidden.tsx'
import { EngineName } from '../../../nouns/hosts/engine-name.tsx'
import { shortReference } from '../../../format/image-reference.ts'
import { ContainerStateWord } from '../../../nouns/containers/container-state-word.tsx'
import type { Verb } from '../../../noun-pages/verb.ts'
import { ContainerPorts } from '../ports.tsx'
import { ContainerActions } from './container-actions.tsx'
import type { ContainerWithDetail } from './container-with-detail.ts'

/** Who the container is, how it is, and what can be done to it. */
export function ContainerHeader(props: {
  container: ContainerWithDetail
  verbs: readonly Verb<FleetContainer>[]
  busy: boolean
}) {
  const t = useTranslations('container')
  const common = useTranslations('common')
  const { container } = props
  const since = container.state === 'running' ? container.startedAt : container.finishedAt
  return (
    <header className="px-4 pt-3 pb-2">
      <div className="flex items-center gap-1.5">
        <h2 className="truncate font-mono text-lg font-semibold">{container.name}</h2>
        <CopyButton
          text={container.name}
          label={common('copyName')}
          copiedLabel={common('copied')}
          failedLabel={common('copyFailed')}
        />
        <div className="ml-auto shrink-0">
          <ContainerActions container={container} verbs={props.verbs} busy={props.busy} />
        </div>
      </div>
      <p className="mt-0.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-muted">
        <span className="flex items-center gap-1.5 text-fg">
          <ContainerStateWord container={container} />
          {since === null ? null : (
            <span className="text-muted">
              {t(container.state === 'running' ? 'started' : 'ended')} <Ago at={since} />
            </span>
          )}
        </span>
        <span className="font-mono text-xs" title={container.image}>
          {shortReference(container.image)}
        </span>
        <span>
          <Link href={`/hosts/${encodeURIComponent(container.hostId)}`} className="hover:text-fg hover:underline">
            {container.hostName}
          </Link>{' '}
          <span className="text-faint">
            <EngineName of={container} />
          </span>
        </span>
        {container.ports.length > 0 ? <ContainerPorts of={container} most={4} /> : null}
      </p>
    </header>
  )
}

/** What one has to know before reading on: the host or its engine is away, or why the container is as it is. */
export function ContainerNotes({ container }: { container: ContainerWithDetail }) {
  const t = useTranslations('container')
  const reason = useReasonText()(container.stateReason, container.stateReasonFacts)
  return (
    <>
      {container.stale ? (
        <Note
          tone="warn"
          className="mx-4 mb-3"
          title={container.staleReason ?? t('staleTitle', { host: container.hostName })}
        >
          {t('staleText')} <Ago at={container.observedAt} />
        </Note>
      ) : null}
      {container.oomKilled ? (
        <Note tone="bad" className="mx-4 mb-3" title={t('oomTitle')}>
          <WithHidden text={reason ?? t('oomText')} />
        </Note>
      ) : null}
      {!container.oomKilled && reason ? (
        <Note tone={container.state === 'unknown' ? 'warn' : 'info'} className="mx-4 mb-3">
          <WithHidden text={reason} />
        </Note>
      ) : null}
    </>
  )
}
