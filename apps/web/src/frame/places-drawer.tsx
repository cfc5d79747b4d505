'use client'

import { Drawer } from '@flotilla/ui'
import { useSearchParams } from 'next/navigation'
import { useTranslations } from 'use-intl'
import { AccountMenu } from './account-menu.tsx'
import { Brand, Places } from './places.tsx'

/** The way around on a phone. */
export function PlacesDrawer({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const t = useTranslations('frame')
  const search = useSearchParams().toString()
  return (
    <Drawer open={open} onOpenChange={onOpenChange} title={t('menu')}>
      <Brand />
      <Places search={search} prefetch onGo={() => onOpenChange(false)} />
      <div className="mt-auto flex border-t border-line p-2">
        <AccountMenu narrow={false} />
      </div>
    </Drawer>
  )
}
