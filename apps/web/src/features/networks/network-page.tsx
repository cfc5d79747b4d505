'use client'

import { Note, Panel, Skeleton } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'use-intl'
import networks from '../../../messages/en/networks.json'
import { useTrpc } from '../../data/trpc.ts'
import { withTexts } from '../../i18n/with-texts.tsx'
import { nounOf } from '../../navigation/nouns.ts'
import { DetailPage, useIdHere } from '../../noun-pages/detail-page.tsx'
import { NativeJson } from '../../noun-pages/native-json.tsx'
import { VerbButton } from '../../noun-pages/verb-button.tsx'
import { useCapability } from '../../nouns/hosts/use-capability.ts'
import { NetworkMarks } from './network-columns.tsx'
import { Endpoints } from './page/endpoints.tsx'
import { NetworkFacts } from './page/network-facts.tsx'
import type { NetworkWithDetail } from './page/network-with-detail.ts'
import { useNetworkVerbs } from './use-network-verbs.tsx'

const noun = nounOf('networks')

/** One network on one host: who is on it, and its addresses. */
export const NetworkPage = withTexts({ networks }, function NetworkPage() {
  const trpc = useTrpc()
  const query = useQuery(trpc.networks.inspect.queryOptions({ id: useIdHere() }, { staleTime: 5000 }))
  return (
    <DetailPage noun={noun} query={query} skeleton={<PageSkeleton />}>
      {(network) => <Whole network={network} />}
    </DetailPage>
  )
})

function Whole({ network }: { network: NetworkWithDetail }) {
  const t = useTranslations('networks')
  const router = useRouter()
  const away = useCapability()(network, 'networks.inspect')
  const { connect, remove, dialog } = useNetworkVerbs(() => router.push('/networks'))
  return (
    <div className="min-h-0 flex-1 overflow-y-auto" tabIndex={-1}>
      <div className="space-y-4 p-4">
        <header className="flex flex-wrap items-center gap-3">
          <h2 className="min-w-0 truncate font-mono text-lg font-semibold">{network.name}</h2>
          <NetworkMarks network={network} />
          <div className="ml-auto flex flex-wrap gap-2">
            <VerbButton verb={remove} row={network} kind="danger" />
          </div>
        </header>
        {away ? <Note tone="warn">{away}</Note> : null}
        <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
          <Endpoints network={network} connect={connect} />
          <Panel title={t('facts.title')}>
            <NetworkFacts network={network} />
          </Panel>
        </div>
        {network.detail ? <NativeJson value={network.detail.native} /> : null}
      </div>
      {dialog}
    </div>
  )
}

function PageSkeleton() {
  return (
    <div className="space-y-4 p-4" aria-busy="true">
      <Skeleton className="h-8 w-72" />
      <div className="grid gap-4 lg:grid-cols-2">
        <Skeleton className="h-56" />
        <Skeleton className="h-56" />
      </div>
    </div>
  )
}
