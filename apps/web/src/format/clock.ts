import { useSyncExternalStore } from 'react'

const stepMs = 1000
let now = typeof window === 'undefined' ? 0 : Date.now()
let timer: ReturnType<typeof setInterval> | null = null
const listeners = new Set<() => void>()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    now = Date.now()
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
    () => Math.floor(Math.max(now, listeners.size === 0 ? Date.now() : now) / stepMs) * stepMs,
    () => 0,
  )
}
