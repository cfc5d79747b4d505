'use client'

import { usePathname, useSearchParams } from 'next/navigation'
import { useCallback, useMemo } from 'react'
import { leaveFor } from './leave-guard.ts'

export type Changes = Record<string, string | null>

/**
 * The address's parameters as state: filters, tabs, the scope. A change asks no server for anything, so that it works also while
 * there is none: `set` replaces the address, so that Back leaves the page, and `go` adds one, so that Back takes it back, unless what
 * is shown would lose something and asks first. An answer that comes when the page was left changes no other page's address.
 */
export function useUrlState(): {
  get: (name: string) => string
  set: (changes: Changes) => void
  go: (changes: Changes) => void
  href: (changes: Changes) => string
} {
  const pathname = usePathname()
  const params = useSearchParams()
  const href = useCallback(
    (changes: Changes) => {
      const next = new URLSearchParams(window.location.search)
      for (const [name, value] of Object.entries(changes)) {
        if (value === null || value === '') next.delete(name)
        else next.set(name, value)
      }
      const query = next.toString()
      return query === '' ? pathname : `${pathname}?${query}`
    },
    [pathname],
  )
  const set = useCallback(
    (changes: Changes) => {
      if (window.location.pathname === pathname) window.history.replaceState(null, '', href(changes))
    },
    [pathname, href],
  )
  const go = useCallback(
    (changes: Changes) => {
      if (window.location.pathname !== pathname) return
      const to = href(changes)
      leaveFor(to, () => window.history.pushState(null, '', to))
    },
    [pathname, href],
  )
  return useMemo(() => ({ get: (name) => params.get(name) ?? '', set, go, href }), [params, set, go, href])
}
