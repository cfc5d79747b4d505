'use client'

import type { FleetContainer, KernelView } from '@flotilla/protocol'
import { Empty, Skeleton } from '@flotilla/ui'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Cpu } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { ErrorNote } from '../../../data/error-note.tsx'
import { useTrpc } from '../../../data/trpc.ts'
import { useStats } from '../usage/use-stats.ts'
import type { UsagePoint } from '../usage/stats-history.ts'
import { useCapability } from '../../../nouns/hosts/use-capability.ts'
import { CapabilityGrid } from './capability-grid.tsx'
import { CgroupPanel } from './cgroup-panel.tsx'
import { MountsPanel } from './mounts-panel.tsx'
import { NamespacesPanel } from './namespaces-panel.tsx'
import { ProcessPanel } from './process-panel.tsx'
import { SecurityPanel } from './security-panel.tsx'

const refreshMs = 3000

/** The container as the kernel sees it. */
export function KernelTab({ container }: { container: FleetContainer }) {
  const t = useTranslations('container.kernel')
  const trpc = useTrpc()
  const absence = useCapability()(container, 'containers.kernel')
  const running = container.state === 'running' || container.state === 'paused'
  const enabled = running && absence === null
  const view = useQuery(
    trpc.containers.kernel.queryOptions(
      { id: container.id },
      { enabled, refetchInterval: refreshMs, placeholderData: keepPreviousData, staleTime: 0 },
    ),
  )
  const { now } = useStats(container, enabled)
  if (!enabled)
    return (
      <Empty icon={<Cpu />} title={absence === null ? t('notRunning') : t('unavailable')}>
        {absence ?? t('notRunningText')}
      </Empty>
    )
  if (view.isError && !view.data)
    return <ErrorNote className="m-4" title={t('failed')} error={view.error} onRetry={() => void view.refetch()} />
  if (!view.data) return <KernelSkeleton />
  return (
    <>
      {view.isError ? (
        <ErrorNote className="m-4 mb-0" title={t('failed')} error={view.error} onRetry={() => void view.refetch()} />
      ) : null}
      <Kernel view={view.data} now={now} />
    </>
  )
}

function Kernel({ view, now }: { view: KernelView; now: UsagePoint | undefined }) {
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto p-4">
      <div className="grid shrink-0 items-start gap-4 xl:grid-cols-12">
        <div className="grid min-w-0 gap-4 xl:col-span-7">
          <NamespacesPanel namespaces={view.namespaces} />
          <ProcessPanel processes={view.processes} />
          <MountsPanel mounts={view.mounts} />
        </div>
        <div className="grid min-w-0 gap-4 xl:col-span-5">
          <CgroupPanel cgroup={view.cgroup} now={now} />
          <SecurityPanel view={view} />
        </div>
      </div>
      <CapabilityGrid granted={view.capabilities} />
    </div>
  )
}

function KernelSkeleton() {
  return (
    <div className="grid gap-4 p-4 xl:grid-cols-2" aria-busy="true">
      {['namespaces', 'cgroup', 'processes', 'security'].map((name) => (
        <Skeleton key={name} className="h-56" />
      ))}
    </div>
  )
}
