'use client'

import { useEffect, useSyncExternalStore } from 'react'
import { themeKey } from './first-paint-script.ts'

export const themes = ['system', 'dark', 'light'] as const
export type Theme = (typeof themes)[number]

const listeners = new Set<() => void>()

function stored(): Theme {
  const value = window.localStorage.getItem(themeKey)
  return value === 'dark' || value === 'light' ? value : 'system'
}

function apply(): void {
  const theme = stored()
  const light = theme === 'light' || (theme === 'system' && window.matchMedia('(prefers-color-scheme: light)').matches)
  document.documentElement.dataset['theme'] = light ? 'light' : 'dark'
  for (const listener of listeners) listener()
}

export function setTheme(theme: Theme): void {
  if (theme === 'system') window.localStorage.removeItem(themeKey)
  else window.localStorage.setItem(themeKey, theme)
  apply()
}

function subscribe(listener: () => void): () => void {
  const media = window.matchMedia('(prefers-color-scheme: light)')
  media.addEventListener('change', apply)
  apply() // the system may have changed between the first paint and now
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    media.removeEventListener('change', apply)
  }
}

/** Follows the system on pages that show no choice of theme, such as that of signing in. */
export function useSystemTheme(): void {
  useEffect(() => subscribe(() => {}), [])
}

/** What the person chose, and what is shown now. */
export function useTheme(): { chosen: Theme; shown: 'dark' | 'light' } {
  const chosen = useSyncExternalStore(subscribe, stored, () => 'system' as const)
  const shown = useSyncExternalStore(
    subscribe,
    () => (document.documentElement.dataset['theme'] === 'light' ? 'light' : 'dark'),
    () => 'dark' as const,
  )
  return { chosen, shown }
}
