'use client'

import { Button, Empty, Skeleton, TabLinks } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { Container as ContainerIcon } from 'lucide-react'
import Link from 'next/link'
import { usePathname, useRouter } from 'next/navigation'
import { lazy, Suspense, useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import container from '../../../messages/en/container.json'
import { withTexts } from '../../i18n/with-texts.tsx'
import { ErrorNote } from '../../data/error-note.tsx'
import { errorCode } from '../../data/error.ts'
import { usePermissionReason } from '../../data/guarded-button.tsx'
import { useTrpc } from '../../data/trpc.ts'
import { idOf } from '../../navigation/addresses.ts'
import { isTyping } from '../../navigation/typing.ts'
import { useUrlState } from '../../navigation/url-state.ts'
import { useTitle } from '../../navigation/use-title.ts'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { ContainerHeader, ContainerNotes } from './page/container-header.tsx'
import type { ContainerWithDetail } from './page/container-with-detail.ts'
import { OperationStrip } from './page/operation-strip.tsx'
import { SummaryTab } from './summary-tab.tsx'
import { useContainerActions } from './use-container-actions.ts'

const LogsTab = lazy(() => import('./logs/logs-tab.tsx').then((module) => ({ default: module.LogsTab })))
const TerminalTab = lazy(() =>
  import('./terminal/terminal-tab.tsx').then((module) => ({ default: module.TerminalTab })),
)
const UsageTab = lazy(() => import('./usage/usage-tab.tsx').then((module) => ({ default: module.UsageTab })))
const KernelTab = lazy(() => import('./kernel/kernel-tab.tsx').then((module) => ({ default: module.KernelTab })))
const JsonTab = lazy(() => import('./json/json-tab.tsx').then((module) => ({ default: module.JsonTab })))

const tabs = ['summary', 'logs', 'terminal', 'usage', 'kernel', 'json'] as const
type Tab = (typeof tabs)[number]

/** One container: what it is, what it prints, a way in, what it uses, how the kernel sees it. */
export const ContainerPage = withTexts({ container }, function ContainerPage() {
  const t = useTranslations('container')
  const id = idOf(usePathname())
  const trpc = useTrpc()
  const query = useQuery(trpc.containers.inspect.queryOptions({ id }, { enabled: id !== '', staleTime: 5000 }))
  useTitle(query.data?.name)
  const router = useRouter()
  const known = query.data?.id
  useEffect(() => {
    // Changes are told by id: whoever came by a name or a native id goes on to the page's own address.
    if (known !== undefined && known !== id)
      router.replace(`/containers/${encodeURIComponent(known)}${window.location.search}`)
  }, [known, id, router])
  if (query.isError && errorCode(query.error) === 'NOT_FOUND')
    return (
      <Empty
        icon={<ContainerIcon />}
        title={t('goneTitle')}
        action={
          <Button asChild>
            <Link href="/containers">{t('toList')}</Link>
          </Button>
        }
      >
        {t('goneText')}
      </Empty>
    )
  if (query.isError && !query.data)
    return <ErrorNote className="m-4" title={t('failed')} error={query.error} onRetry={() => void query.refetch()} />
  if (!query.data) return <PageSkeleton />
  return <Whole key={query.data.id} container={query.data} />
})

function Whole({ container }: { container: ContainerWithDetail }) {
  const t = useTranslations('container')
  const url = useUrlState()
  const router = useRouter()
  const actions = useContainerActions()
  const [removing, setRemoving] = useState(false)
  const current: Tab = tabs.find((tab) => tab === url.get('tab')) ?? 'summary'
  const { go, href } = url

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return
      const tab = tabs[Number(event.key) - 1]
      if (tab === undefined || document.querySelector('[role="dialog"],[role="menu"]')) return
      event.preventDefault()
      go(addressOf(tab))
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [go])

  return (
    <>
      <ContainerHeader
        container={container}
        busy={actions.busy}
        onVerb={(verb) => (verb === 'remove' ? setRemoving(true) : void actions.run(verb, [container]))}
      />
      <ContainerNotes container={container} />
      <OperationStrip container={container} />
      <TabLinks
        label={t('views')}
        tabs={tabs.map((name) => ({ name, title: t(`tabs.${name}`) }))}
        current={current}
        render={(tab, attributes) => (
          <Link
            key={tab.name}
            href={href(addressOf(tab.name))}
            prefetch={false}
            onNavigate={(event) => {
              event.preventDefault() // the page is here already
              go(addressOf(tab.name))
            }}
            {...attributes}
          >
            {tab.title}
          </Link>
        )}
      />
      <div className="flex min-h-0 flex-1 flex-col">
        <Suspense fallback={<TabSkeleton />}>
          <TabBody tab={current} container={container} />
        </Suspense>
      </div>
      <ConfirmDialog
        verb="remove"
        containers={removing ? [container] : []}
        onClose={() => setRemoving(false)}
        onDone={() => router.replace('/containers')}
      />
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
      return <JsonTab container={container} />
  }
}

/** A tab's own parameters stay with it: a filter of the logs means nothing to the terminal. */
function addressOf(tab: Tab): Record<string, string | null> {
  return { tab: tab === 'summary' ? null : tab, level: null, stream: null, line: null }
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
