'use client'

import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { useCallback } from 'react'

export type Changes = Record<string, string | null>

/** The address's parameters as state: filters, tabs, the scope. A change replaces the address, so that Back leaves the page. */
export function useUrlState(): {
  get: (name: string) => string
  set: (changes: Changes) => void
  href: (changes: Changes) => string
} {
  const router = useRouter()
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
  const set = useCallback((changes: Changes) => router.replace(href(changes), { scroll: false }), [router, href])
  const get = useCallback((name: string) => params.get(name) ?? '', [params])
  return { get, set, href }
}
