'use client'

import { Button, Kbd } from '@flotilla/ui'
import { Search } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { ActivityTray } from '../features/operations/activity-tray.tsx'
import { Breadcrumb } from './breadcrumb.tsx'
import { LiveDot } from './live-dot.tsx'
import { openPalette } from './palette-store.ts'
import { RailDrawer } from './rail.tsx'
import { ScopeMenu } from './scope-menu.tsx'

/** Where one is, what is in scope, how fresh it is, what goes on, and the way to everything else. */
export function TopLine() {
  const t = useTranslations('frame')
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line px-3 sm:px-4">
      <RailDrawer />
      <Breadcrumb />
      <div className="ml-auto flex items-center gap-1 sm:gap-2">
        <ScopeMenu />
        <LiveDot />
        <ActivityTray />
        <Button
          kind="secondary"
          aria-keyshortcuts="Control+K"
          className="px-2 text-muted sm:min-w-36 sm:justify-start"
          onClick={openPalette}
        >
          <Search />
          <span className="sr-only flex-1 text-left font-normal sm:not-sr-only">{t('search')}</span>
          <span className="hidden sm:inline" aria-hidden>
            <Kbd>Ctrl K</Kbd>
          </span>
        </Button>
      </div>
    </header>
  )
}
