'use client'

import { Suspense } from 'react'
import { lazily } from '../../data/lazily.ts'
import { useTranslations } from 'use-intl'
import networks from '../../../messages/en/networks.json'
import { withTexts } from '../../i18n/with-texts.tsx'
import { DetailTabs } from '../../noun-pages/detail-tabs.tsx'
import { NetworkList } from './network-list.tsx'

const PortsTab = lazily(() => import('./ports/ports-tab.tsx').then((module) => module.PortsTab))

const tabs = ['networks', 'ports'] as const
const ownParameters = ['q', 'label', 'sort', 'order', 'conflicts', 'create', 'prune']

/** Every network of every host, and every port that leads from a host to a container. */
export const NetworksPage = withTexts({ networks }, function NetworksPage() {
  const t = useTranslations('networks')
  return (
    <DetailTabs label={t('views')} tabs={tabs.map((name) => ({ name, title: t(`tabs.${name}`) }))} own={ownParameters}>
      {(tab) =>
        tab === 'networks' ? (
          <NetworkList />
        ) : (
          <Suspense>
            <PortsTab />
          </Suspense>
        )
      }
    </DetailTabs>
  )
})
