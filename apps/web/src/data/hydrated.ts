import { useSyncExternalStore } from 'react'

const never = () => () => undefined

/** False while the exported page is being taken over, true afterwards: the address and the browser are known from then on. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  )
}
