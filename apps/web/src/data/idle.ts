import { useEffect, useState } from 'react'

const afterMs = 1500

/** False while a page has better to do; true once its first answers can be there and the browser has nothing else to do. */
export function useIdle(): boolean {
  const [idle, setIdle] = useState(false)
  useEffect(() => {
    let callback: number | undefined
    const timer = setTimeout(() => {
      // Safari knows no idle callbacks.
      if ('requestIdleCallback' in window) callback = window.requestIdleCallback(() => setIdle(true))
      else setIdle(true)
    }, afterMs)
    return () => {
      clearTimeout(timer)
      if (callback !== undefined) window.cancelIdleCallback(callback)
    }
  }, [])
  return idle
}
