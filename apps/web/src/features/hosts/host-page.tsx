'use client'

import type { FleetHost } from '@flotilla/protocol'
import { Button, cn, Facts, Note, Panel, Skeleton } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import Link from 'next/link'
import { useState } from 'react'
import { lazily } from '../../data/lazily.ts'
import { DialogPart } from '../../data/part.tsx'
import { useTranslations } from 'use-intl'
import host from '../../../messages/en/host.json'
import { ErrorNote } from '../../data/error-note.tsx'
import { GuardedButton } from '../../data/guarded-button.tsx'
import { useTrpc } from '../../data/trpc.ts'
import { Ago, Bytes, ShortId } from '../../format/values.tsx'
import { withTexts } from '../../i18n/with-texts.tsx'
import { nounOf } from '../../navigation/nouns.ts'
import { DetailPage, useIdHere } from '../../noun-pages/detail-page.tsx'
import { VerbButton } from '../../noun-pages/verb-button.tsx'
import { CordonMark } from '../../nouns/hosts/cordon-mark.tsx'
import { AttributeChips } from './attribute-chips.tsx'
import { EnginePanel } from './engine-panel.tsx'
import { HostState } from '../../nouns/hosts/host-state.tsx'
import { useCordonWords } from '../../nouns/hosts/use-cordon-words.ts'
import { UsagePanel } from './usage-panel.tsx'
import { useHostVerbs } from './use-host-verbs.tsx'

const RemoveHostDialog = lazily(() => import('./remove-host-dialog.tsx').then((module) => module.RemoveHostDialog))

const noun = nounOf('hosts')

/** One host: its link, its facts, what is in use, its engines and what they can. */
export const HostPage = withTexts({ host }, function HostPage() {
  const t = useTranslations('hosts')
  const trpc = useTrpc()
  const query = useQuery(trpc.hosts.inspect.queryOptions({ id: useIdHere() }))
  return (
    <DetailPage noun={noun} query={query} skeleton={<Loading />}>
      {(host) => (
        <div className="min-h-0 flex-1 overflow-y-auto">
          {query.isError ? (
            <ErrorNote className="m-4" error={query.error} title={t('failed')} onRetry={() => void query.refetch()} />
          ) : null}
          <Host host={host} />
        </div>
      )}
    </DetailPage>
  )
})

function Host({ host }: { host: FleetHost }) {
  const t = useTranslations('hosts')
  const [removing, setRemoving] = useState(false)
  const hosts = useQuery(useTrpc().hosts.list.queryOptions({})).data ?? []
  const { edit, cordon, uncordon, dialog } = useHostVerbs(hosts)
  const words = useCordonWords()
  return (
    <div className="flex flex-col gap-4 p-4">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h2 className="truncate font-mono text-lg font-semibold">{host.name}</h2>
        <HostState host={host} />
        <CordonMark host={host} />
        <span className="text-sm text-muted">
          {t('counts', {
            running: host.counts.running,
            containers: host.counts.containers,
            images: host.counts.images,
          })}
        </span>
        <div className="ml-auto flex flex-wrap gap-2">
          <Button asChild>
            <Link href={`/containers?host=${encodeURIComponent(host.id)}`}>{t('containers')}</Link>
          </Button>
          <VerbButton verb={host.cordon === null ? cordon : uncordon} row={host} />
          <GuardedButton
            kind="danger"
            permission="hosts.manage"
            reason={host.transport === 'socket' ? t('localStays') : null}
            onClick={() => setRemoving(true)}
          >
            <Trash2 />
            {t('remove')}
          </GuardedButton>
        </div>
      </header>
      <AttributeChips host={host} action={<VerbButton verb={edit} row={host} />} />
      {host.cordon === null ? null : (
        <Note tone="info" title={t('cordon.word')}>
          {words(host.cordon)}
        </Note>
      )}
      {host.state === 'connected' ? null : (
        <Note tone="warn" title={t(`awayTitle.${host.state}`)}>
          {host.reason}{' '}
          {host.lastSeenAt ? t.rich('asOf', { ago: () => <Ago at={host.lastSeenAt ?? ''} /> }) : t('neverSeen')}
        </Note>
      )}
      <div className={cn('flex flex-col gap-4', host.state !== 'connected' && 'stale')}>
        <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
          <UsagePanel host={host} />
          <FactsPanel host={host} />
        </div>
        {host.engines.map((engine) => (
          <EnginePanel key={engine.id} host={host} engine={engine} />
        ))}
      </div>
      {dialog}
      {removing ? (
        <DialogPart onClose={() => setRemoving(false)}>
          <RemoveHostDialog host={host} onClose={() => setRemoving(false)} />
        </DialogPart>
      ) : null}
    </div>
  )
}

function FactsPanel({ host }: { host: FleetHost }) {
  const t = useTranslations('hosts')
  const { facts } = host
  const mono = (text: string) => <span className="font-mono text-xs">{text}</span>
  return (
    <Panel title={t('facts.title')}>
      <Facts
        items={[
          facts ? [t('facts.hostname'), mono(facts.hostname)] : null,
          facts ? [t('facts.os'), facts.os] : null,
          facts ? [t('facts.kernel'), mono(`${facts.kernel} ${facts.architecture}`)] : null,
          facts ? [t('facts.cgroup'), t('facts.cgroupVersion', { version: facts.cgroupVersion })] : null,
          facts
            ? [
                t('facts.size'),
                <span key="v">
                  {t('facts.cpus', { count: facts.cpus })}, <Bytes bytes={facts.memoryBytes} />
                </span>,
              ]
            : null,
          facts ? [t('facts.booted'), <Ago key="v" at={facts.bootedAt} />] : null,
          facts ? [t('facts.agent'), mono(facts.agentVersion)] : null,
          [t('facts.link'), t(`transports.${host.transport}`)],
          host.state === 'connected' && host.connectedAt
            ? [t('facts.connected'), <Ago key="v" at={host.connectedAt} />]
            : null,
          host.lastSeenAt ? [t('facts.seen'), <Ago key="v" at={host.lastSeenAt} />] : null,
          [t('facts.id'), <ShortId key="v" id={host.id} />],
        ]}
      />
    </Panel>
  )
}

function Loading() {
  return (
    <div className="flex flex-col gap-4 p-4" aria-busy="true">
      <Skeleton className="h-8 w-72" />
      <div className="grid gap-4 lg:grid-cols-2">
        <Skeleton className="h-56 rounded-md" />
        <Skeleton className="h-56 rounded-md" />
      </div>
      <Skeleton className="h-72 rounded-md" />
    </div>
  )
}
