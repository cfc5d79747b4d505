'use client'

import { Panel } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { Suspense } from 'react'
import { useTranslations } from 'use-intl'
import networks from '../../../messages/en/networks.json'
import { lazily } from '../../data/lazily.ts'
import { useTrpc } from '../../data/trpc.ts'
import { withTexts } from '../../i18n/with-texts.tsx'
import { nounOf } from '../../navigation/nouns.ts'
import { DetailHeader, DetailSkeleton } from '../../noun-pages/detail-header.tsx'
import { DetailPage, useIdHere } from '../../noun-pages/detail-page.tsx'
import { DetailTabs } from '../../noun-pages/detail-tabs.tsx'
import { VerbButton } from '../../noun-pages/verb-button.tsx'
import { useCapability } from '../../nouns/hosts/use-capability.ts'
import { NetworkMarks } from './network-columns.tsx'
import { Endpoints } from './page/endpoints.tsx'
import { NetworkFacts } from './page/network-facts.tsx'
import type { NetworkWithDetail } from './page/network-with-detail.ts'
import { useNetworkVerbs } from './use-network-verbs.tsx'

const JsonTab = lazily(() => import('../../noun-pages/json/json-tab.tsx').then((module) => module.JsonTab))

const noun = nounOf('networks')
const tabs = ['overview', 'json'] as const

/** One network on one host: who is on it, and its addresses. */
export const NetworkPage = withTexts({ networks }, function NetworkPage() {
  const trpc = useTrpc()
  const query = useQuery(trpc.networks.inspect.queryOptions({ id: useIdHere() }, { staleTime: 5000 }))
  return (
    <DetailPage noun={noun} query={query} skeleton={<DetailSkeleton />}>
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
    <>
      <DetailHeader
        title={network.name}
        marks={<NetworkMarks network={network} />}
        actions={<VerbButton verb={remove} row={network} />}
        away={away}
      />
      <DetailTabs label={t('view')} tabs={tabs.map((name) => ({ name, title: t(`page.${name}`) }))} own={[]}>
        {(tab) =>
          tab === 'overview' ? (
            <div className="min-h-0 flex-1 overflow-y-auto" tabIndex={-1}>
              <div className="grid items-start gap-4 p-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
                <Endpoints network={network} connect={connect} />
                <Panel title={t('facts.title')}>
                  <NetworkFacts network={network} />
                </Panel>
              </div>
            </div>
          ) : (
            <Suspense>
              <JsonTab name={network.name} of={network} />
            </Suspense>
          )
        }
      </DetailTabs>
      {dialog}
    </>
  )
}
