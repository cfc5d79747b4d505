'use client'

import { Toaster } from '@flotilla/ui'
import { useQuery } from '@tanstack/react-query'
import { usePathname, useRouter } from 'next/navigation'
import { useEffect, useRef, type ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorNote } from '../data/error-note.tsx'
import { errorCode } from '../data/error.ts'
import { useHydrated } from '../data/hydrated.ts'
import { SessionProvider } from '../data/session.tsx'
import { useTrpc } from '../data/trpc.ts'
import { LiveProvider } from '../live/live-provider.tsx'
import { FrameSkeleton } from './frame-skeleton.tsx'
import { Rail } from './rail.tsx'
import { Shortcuts } from './shortcuts.tsx'
import { TopLine } from './top-line.tsx'

/** The frame of every signed-in page. Whoever is not signed in is sent to do so and comes back here. */
export function Frame({ children }: { children: ReactNode }) {
  const hydrated = useHydrated()
  return hydrated ? <SignedIn>{children}</SignedIn> : <FrameSkeleton />
}

function SignedIn({ children }: { children: ReactNode }) {
  const t = useTranslations('frame')
  const common = useTranslations('common')
  const trpc = useTrpc()
  const router = useRouter()
  const pathname = usePathname()
  const session = useQuery(trpc.session.me.queryOptions({}, { staleTime: 5 * 60_000 }))
  const stranger = session.isError && errorCode(session.error) === 'UNAUTHENTICATED'
  useEffect(() => {
    if (!stranger) return
    const here = window.location.pathname + window.location.search
    router.replace(here === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(here)}`)
  }, [stranger, router, pathname])

  if (stranger) return <FrameSkeleton />
  // Somebody who is known stays so while the server is away: the page says itself what it cannot load.
  if (session.isError && session.data === undefined) {
    return (
      <main className="mx-auto mt-24 max-w-lg px-4">
        <ErrorNote error={session.error} title={t('unreachable')} onRetry={() => void session.refetch()} />
      </main>
    )
  }
  if (!session.data) return <FrameSkeleton />
  return (
    <SessionProvider me={session.data}>
      <LiveProvider>
        <a
          href="#content"
          className="sr-only focus:not-sr-only focus:absolute focus:z-60 focus:m-2 focus:rounded-md focus:bg-overlay focus:px-3 focus:py-2"
        >
          {t('skip')}
        </a>
        <div className="flex h-dvh">
          <Rail />
          <div className="flex min-w-0 flex-1 flex-col">
            <TopLine />
            <main id="content" tabIndex={-1} className="flex min-h-0 flex-1 flex-col focus:outline-none">
              {children}
            </main>
          </div>
        </div>
        <FocusOfPage />
        <Shortcuts />
        <Toaster closeLabel={common('close')} label={t('messages')} />
      </LiveProvider>
    </SessionProvider>
  )
}

/** Whoever went to another page by what is gone with the one before stands at the new page's beginning, not before the frame. */
function FocusOfPage() {
  const pathname = usePathname()
  const before = useRef(pathname)
  useEffect(() => {
    if (before.current === pathname) return
    before.current = pathname
    if (document.activeElement === document.body) document.getElementById('content')?.focus({ preventScroll: true })
  }, [pathname])
  return null
}
