import { useSyncExternalStore } from 'react'

let open = false
const listeners = new Set<() => void>()

export function setPalette(value: boolean): void {
  open = value
  for (const listener of listeners) listener()
}

export function openPalette(): void {
  setPalette(true)
}

export function usePaletteOpen(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => open,
    () => false,
  )
}
