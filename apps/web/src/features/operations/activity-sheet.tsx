'use client'

import { Sheet } from '@flotilla/ui'
import { useEffect, useRef, type ComponentProps } from 'react'
import { useTranslations } from 'use-intl'
import { setActivity } from '../../nouns/operations/activity-store.ts'
import { ActivityList } from './activity-list.tsx'

/** The tray's panel beside the page. */
export function ActivitySheet({ open, ...list }: ComponentProps<typeof ActivityList> & { open: boolean }) {
  const t = useTranslations('operations')
  const common = useTranslations('common')
  const content = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // What ends goes to another list and takes the focus of its button with it: the keys stay in the tray.
    if (open && document.activeElement === document.body)
      content.current?.closest<HTMLElement>('[role="dialog"]')?.focus()
  }, [open, list.running.length])
  return (
    <Sheet
      open={open}
      onOpenChange={(wanted) => setActivity(wanted)}
      title={t('title')}
      label={t('title')}
      closeLabel={common('close')}
      modal={false}
    >
      <div ref={content}>
        <ActivityList {...list} />
      </div>
    </Sheet>
  )
}
