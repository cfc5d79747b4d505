'use client'

import { Dialog, Skeleton } from '@flotilla/ui'
import { lazy, Suspense } from 'react'
import { useTranslations } from 'use-intl'

const PullForm = lazy(() => import('./pull/pull-form.tsx').then((module) => ({ default: module.PullForm })))

/** Pulls an image onto a host and shows its layers as they come. Closed, the pull goes on and stands in the activity tray. */
export function PullDialog(props: { open: boolean; onOpenChange: (open: boolean) => void; hostId: string }) {
  const t = useTranslations('images.pullDialog')
  const common = useTranslations('common')
  return (
    <Dialog open={props.open} onOpenChange={props.onOpenChange} title={t('title')} closeLabel={common('close')} wide>
      <Suspense fallback={<Skeleton className="h-64" />}>
        <PullForm hostId={props.hostId} onClose={() => props.onOpenChange(false)} />
      </Suspense>
    </Dialog>
  )
}
