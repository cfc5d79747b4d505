'use client'

import { Button, cn, Drawer, Tooltip } from '@flotilla/ui'
import { Menu as MenuIcon, PanelLeftClose, PanelLeftOpen } from 'lucide-react'
import Link from 'next/link'
import { usePathname, useSearchParams } from 'next/navigation'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { AccountMenu } from './account-menu.tsx'
import { useIdle } from '../data/idle.ts'
import { railKey } from '../theme/first-paint-script.ts'
import { Logo } from '../entry/logo.tsx'
import { isWithin, places } from '../navigation/places.ts'
import { withScope } from '../navigation/scope.ts'

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

/** The same on a phone, behind a button. */
export function RailDrawer() {
  const t = useTranslations('frame')
  const search = useSearchParams().toString()
  const [open, setOpen] = useState(false)
  return (
    <Drawer
      open={open}
      onOpenChange={setOpen}
      title={t('menu')}
      trigger={
        <Button kind="ghost" size="icon" className="-ml-1 md:hidden" aria-label={t('menu')}>
          <MenuIcon />
        </Button>
      }
    >
      <Brand />
      <Places search={search} prefetch onGo={() => setOpen(false)} />
      <div className="mt-auto flex border-t border-line p-2">
        <AccountMenu narrow={false} />
      </div>
    </Drawer>
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

function Brand({ labelClassName }: { labelClassName?: string | undefined }) {
  const frame = useTranslations('frame')
  return (
    <Link
      href="/"
      prefetch={false}
      className="flex h-12 shrink-0 items-center gap-2.5 px-4 focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-accent"
    >
      <Logo className="size-5 shrink-0" />
      <span className={cn('truncate text-base font-semibold tracking-tight', labelClassName)}>{frame('product')}</span>
    </Link>
  )
}

function Places({
  narrow = false,
  search = '',
  labelClassName = narrow ? 'sr-only' : undefined,
  prefetch = false,
  onGo,
}: {
  narrow?: boolean
  /** Of the page's address: what is in scope stays so. */
  search?: string
  labelClassName?: string | undefined
  /** Loads the places' pages before they are asked for. */
  prefetch?: boolean
  onGo?: () => void
}) {
  const t = useTranslations('places')
  const frame = useTranslations('frame')
  const pathname = usePathname()
  return (
    <nav aria-label={frame('navigation')} className="flex flex-col gap-0.5 p-2">
      {places.map((place) => {
        const here = isWithin(place, pathname)
        const scoped = withScope(place.href, search)
        const link = (
          <Link
            key={place.name}
            href={scoped}
            prefetch={prefetch ? null : false}
            aria-current={here ? 'page' : undefined}
            onClick={onGo}
            className={cn(
              'flex h-8 items-center gap-2.5 rounded-md px-2 text-sm transition-colors duration-150 focus-visible:outline-2 focus-visible:outline-accent',
              here ? 'bg-raised font-medium text-fg' : 'text-muted hover:bg-raised/60 hover:text-fg',
            )}
          >
            <place.icon className="size-4 shrink-0" aria-hidden />
            <span className={labelClassName}>{t(place.name)}</span>
          </Link>
        )
        return narrow ? (
          <Tooltip key={place.name} text={t(place.name)} side="right">
            {link}
          </Tooltip>
        ) : (
          link
        )
      })}
    </nav>
  )
}
