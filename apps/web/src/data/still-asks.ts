import { useEffect, useRef } from 'react'

/**
 * For a dialog that can be closed while what it began goes on. Called at the beginning, it gives a function that says at the end
 * whether the dialog still asks about the same things on the same page: if not, another one may be open by then, or another page.
 */
export function useStillAsks(things: readonly { id: string }[]): () => () => boolean {
  const now = things.map(({ id }) => id).join(' ')
  const latest = useRef(now)
  useEffect(() => {
    latest.current = now
  }, [now])
  return () => {
    const [then, here] = [latest.current, window.location.pathname]
    return () => latest.current === then && window.location.pathname === here
  }
}
