'use client'

import { Empty, Skeleton } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { Suspense } from 'react'
import { lazily } from '../../data/lazily.ts'
import { useTranslations } from 'use-intl'
import container from '../../../messages/en/container.json'
import { usePermissionReason } from '../../data/guarded-button.tsx'
import { useTrpc } from '../../data/trpc.ts'
import { withTexts } from '../../i18n/with-texts.tsx'
import { nounOf } from '../../navigation/nouns.ts'
import { DetailPage, useIdHere } from '../../noun-pages/detail-page.tsx'
import { DetailTabs } from '../../noun-pages/detail-tabs.tsx'
import { ContainerHeader, ContainerNotes } from './page/container-header.tsx'
import type { ContainerWithDetail } from './page/container-with-detail.ts'
import { OperationStrip } from './page/operation-strip.tsx'
import { SummaryTab } from './summary-tab.tsx'
import { useContainerVerbs } from './use-container-verbs.tsx'

const LogsTab = lazily(() => import('./logs/logs-tab.tsx').then((module) => module.LogsTab))
const TerminalTab = lazily(() => import('./terminal/terminal-tab.tsx').then((module) => module.TerminalTab))
const UsageTab = lazily(() => import('./usage/usage-tab.tsx').then((module) => module.UsageTab))
const KernelTab = lazily(() => import('./kernel/kernel-tab.tsx').then((module) => module.KernelTab))
const JsonTab = lazily(() => import('../../noun-pages/json/json-tab.tsx').then((module) => module.JsonTab))

const noun = nounOf('containers')
const tabs = ['summary', 'logs', 'terminal', 'usage', 'kernel', 'json'] as const
type Tab = (typeof tabs)[number]
const ownParameters = ['level', 'stream', 'line']

/** One container: what it is, what it prints, a way in, what it uses, how the kernel sees it. */
export const ContainerPage = withTexts({ container }, function ContainerPage() {
  const id = useIdHere()
  const trpc = useTrpc()
  const query = useQuery(trpc.containers.inspect.queryOptions({ id }, { enabled: id !== '', staleTime: 5000 }))
  return (
    <DetailPage noun={noun} query={query} skeleton={<PageSkeleton />}>
      {(one) => <Whole container={one} />}
    </DetailPage>
  )
})

function Whole({ container }: { container: ContainerWithDetail }) {
  const t = useTranslations('container')
  const router = useRouter()
  const { verbs, busy, dialog } = useContainerVerbs({ onRemoved: () => router.replace('/containers') })
  return (
    <>
      <ContainerHeader container={container} verbs={verbs} busy={busy} />
      <ContainerNotes container={container} />
      <OperationStrip container={container} />
      <DetailTabs
        label={t('views')}
        tabs={tabs.map((name) => ({ name, title: t(`tabs.${name}`) }))}
        own={ownParameters}
      >
        {(tab) => (
          <Suspense fallback={<TabSkeleton />}>
            <TabBody tab={tab} container={container} />
          </Suspense>
        )}
      </DetailTabs>
      {dialog}
    </>
  )
}

function TabBody({ tab, container }: { tab: Tab; container: ContainerWithDetail }) {
  const t = useTranslations('container')
  const permission = usePermissionReason()
  switch (tab) {
    case 'summary':
      return <SummaryTab container={container} />
    case 'logs': {
      const why = permission('containers.logs')
      return why === null ? <LogsTab container={container} /> : <Empty title={t('logs.unavailable')}>{why}</Empty>
    }
    case 'terminal':
      return <TerminalTab container={container} />
    case 'usage':
      return <UsageTab container={container} />
    case 'kernel':
      return <KernelTab container={container} />
    case 'json':
      return <JsonTab name={container.name} of={container} />
  }
}

function PageSkeleton() {
  return (
    <div aria-busy="true">
      <div className="space-y-2 px-4 pt-4 pb-4">
        <Skeleton className="h-7 w-56" />
        <Skeleton className="h-4 w-80" />
      </div>
      <div className="h-10 border-b border-line" />
      <TabSkeleton />
    </div>
  )
}

function TabSkeleton() {
  return (
    <div className="grid gap-4 p-4 lg:grid-cols-2" aria-busy="true">
      <Skeleton className="h-56" />
      <Skeleton className="h-56" />
    </div>
  )
}
