import { useSyncExternalStore } from 'react'

const stepMs = 1000
const isInBrowser = typeof window !== 'undefined'
let now = isInBrowser ? Date.now() : 0
let sinceOpened = isInBrowser ? performance.now() : 0
let timer: ReturnType<typeof setInterval> | null = null
const listeners = new Set<() => void>()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    now = Date.now()
    sinceOpened = performance.now()
    for (const each of [...listeners]) each()
  }, stepMs)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0 || timer === null) return
    clearInterval(timer)
    timer = null
  }
}

/** The time now in milliseconds, in steps: one clock ticks for the whole page, and only while somebody reads it. */
export function useNow(stepMs: number): number {
  return useSyncExternalStore(
    subscribe,
    () => Math.floor((listeners.size === 0 ? Date.now() : now) / stepMs) * stepMs,
    () => 0,
  )
}

/** Milliseconds since the page was opened, in the same steps: for the age of what happened in this page, whatever the clock does. */
export function useElapsed(): number {
  return useSyncExternalStore(
    subscribe,
    () => Math.floor((listeners.size === 0 ? performance.now() : sinceOpened) / stepMs) * stepMs,
    () => 0,
  )
}
