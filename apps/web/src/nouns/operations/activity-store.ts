import { useSyncExternalStore } from 'react'

interface ActivityView {
  open: boolean
  /** The operation whose items are shown without being asked for. */
  shown: string | null
}

const closed: ActivityView = { open: false, shown: null }
let view = closed
const listeners = new Set<() => void>()

/** Opens or closes the activity tray, from wherever something long was begun; `shown` is the operation that it opens at. */
export function setActivity(open: boolean, shown: string | null = null): void {
  view = { open, shown }
  for (const listener of listeners) listener()
}

export function useActivity(): ActivityView {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => view,
    () => closed,
  )
}
