import { useSyncExternalStore } from 'react'

let open = false
const listeners = new Set<() => void>()

/** Opens or closes the activity tray, from wherever something long was begun. */
export function setActivity(value: boolean): void {
  open = value
  for (const listener of listeners) listener()
}

export function useActivityOpen(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => open,
    () => false,
  )
}
