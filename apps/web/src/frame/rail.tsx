'use client'

import { Button, cn, Tooltip } from '@flotilla/ui'
import { Menu as MenuIcon, PanelLeftClose, PanelLeftOpen } from 'lucide-react'
import { useSearchParams } from 'next/navigation'
import { useState } from 'react'
import { lazily } from '../data/lazily.ts'
import { DialogPart } from '../data/part.tsx'
import { useTranslations } from 'use-intl'
import { AccountMenu } from './account-menu.tsx'
import { useIdle } from '../data/idle.ts'
import { railKey } from '../theme/first-paint-script.ts'
import { Brand, Places } from './places.tsx'

const PlacesDrawer = lazily(() => import('./places-drawer.tsx').then((module) => module.PlacesDrawer))

/** The way around, at the left; collapses to its icons and stays so. */
export function Rail() {
  const t = useTranslations('frame')
  const search = useSearchParams().toString()
  const idle = useIdle()
  const [narrow, setNarrow] = useState(() => window.localStorage.getItem(railKey) === 'narrow')
  const toggle = () => {
    window.localStorage.setItem(railKey, narrow ? 'wide' : 'narrow')
    setNarrow(!narrow)
  }
  return (
    <aside
      className={cn(
        'hidden shrink-0 flex-col border-r border-line bg-surface transition-[width] duration-150 md:flex',
        narrow ? 'w-13' : 'w-56',
      )}
    >
      <Brand labelClassName={narrow ? 'sr-only' : undefined} />
      <Places narrow={narrow} search={search} prefetch={idle} />
      <div className={cn('mt-auto flex gap-1 border-t border-line p-2', narrow && 'flex-col')}>
        <AccountMenu narrow={narrow} />
        <Tooltip text={narrow ? t('expand') : t('collapse')} side="right">
          <Button
            kind="ghost"
            size="icon"
            aria-label={narrow ? t('expand') : t('collapse')}
            aria-expanded={!narrow}
            onClick={toggle}
          >
            {narrow ? <PanelLeftOpen /> : <PanelLeftClose />}
          </Button>
        </Tooltip>
      </div>
    </aside>
  )
}

/** The same on a phone, behind a button; it is loaded once the page has shown itself. */
export function RailDrawer() {
  const t = useTranslations('frame')
  const idle = useIdle()
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button
        kind="ghost"
        size="icon"
        className="-ml-1 md:hidden"
        aria-label={t('menu')}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(true)}
      >
        <MenuIcon />
      </Button>
      {idle || open ? (
        <DialogPart onClose={() => setOpen(false)}>
          <PlacesDrawer open={open} onOpenChange={setOpen} />
        </DialogPart>
      ) : null}
    </>
  )
}

/** What stands there before it is known who looks: the same places, in the width that the first paint was given. */
export function RailSkeleton() {
  return (
    <aside className="hidden w-56 shrink-0 flex-col border-r border-line bg-surface in-data-[rail=narrow]:w-13 md:flex">
      <Brand labelClassName={firstPaintLabel} />
      <Places labelClassName={firstPaintLabel} />
    </aside>
  )
}

const firstPaintLabel = 'in-data-[rail=narrow]:sr-only'
