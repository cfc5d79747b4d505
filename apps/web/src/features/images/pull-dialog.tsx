'use client'

import { Dialog } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { PullForm } from './pull/pull-form.tsx'

/** Pulls an image onto a host and shows its layers as they come. Closed, the pull goes on and stands in the activity tray. */
export function PullDialog(props: { onClose: () => void; hostId: string }) {
  const t = useTranslations('images.pullDialog')
  const common = useTranslations('common')
  return (
    <Dialog open onOpenChange={props.onClose} title={t('title')} closeLabel={common('close')} wide>
      <PullForm hostId={props.hostId} onClose={props.onClose} />
    </Dialog>
  )
}
