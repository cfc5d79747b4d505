'use client'

import { useRouter } from 'next/navigation'
import { useCallback, useEffect, useState } from 'react'

type Go = () => void

/** What the page that is shown does with a wish to leave it; null where one just leaves. */
let held: ((go: Go) => void) | null = null

/** Goes to another page, unless the one that is shown asks first. */
export function useGo(): (href: string) => void {
  const router = useRouter()
  return useCallback(
    (href) => {
      const go = () => router.push(href)
      if (held === null) go()
      else held(go)
    },
    [router],
  )
}

/**
 * While `isHeld` whoever leaves the page by a link, a key, Back or by closing the tab is asked first: `isAsked` says that
 * somebody wants to go, `leave` lets them. The browser itself asks who closes the tab; where it cannot hold Back it goes.
 */
export function useLeaveGuard(isHeld: boolean): { isAsked: boolean; stay: () => void; leave: () => void } {
  const [going, setGoing] = useState<Go | null>(null)
  useEffect(() => {
    if (!isHeld) return
    held = (go) => setGoing(() => go)
    const stop = listen()
    return () => {
      held = null
      stop()
      setGoing(null)
    }
  }, [isHeld])
  return {
    isAsked: going !== null,
    stay: () => setGoing(null),
    leave: () => {
      held = null
      setGoing(null)
      going?.()
    },
  }
}

/** What of the browser's Navigation API is used here; not every browser has it. */
interface TravelApi {
  addEventListener(type: 'navigate', listener: (event: TravelEvent) => void): void
  removeEventListener(type: 'navigate', listener: (event: TravelEvent) => void): void
  traverseTo(key: string): unknown
}
interface TravelEvent extends Event {
  readonly navigationType: string
  readonly destination: { readonly key: string; readonly url: string }
}

/** What leads away without asking `useGo`. Gives the function that ends it. */
function listen(): () => void {
  const here = window.location.pathname
  const click = (event: MouseEvent) => {
    const link = followedLink(event)
    if (held === null || link === null || link.pathname === here) return
    event.preventDefault()
    event.stopPropagation()
    held(() => link.click())
  }
  const unload = (event: BeforeUnloadEvent) => {
    if (held !== null) event.preventDefault()
  }
  const { navigation } = window as unknown as { navigation?: TravelApi }
  const travel = (event: TravelEvent) => {
    const { key, url } = event.destination
    if (held === null || event.navigationType !== 'traverse' || !event.cancelable) return
    if (new URL(url).pathname === here) return
    event.preventDefault()
    held(() => void navigation?.traverseTo(key))
  }
  document.addEventListener('click', click, true)
  window.addEventListener('beforeunload', unload)
  navigation?.addEventListener('navigate', travel)
  return () => {
    document.removeEventListener('click', click, true)
    window.removeEventListener('beforeunload', unload)
    navigation?.removeEventListener('navigate', travel)
  }
}

/** The link to a page of ours that a click follows in this tab; null for any other click. */
function followedLink(event: MouseEvent): HTMLAnchorElement | null {
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey
  const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[href]') : null
  if (!isPlain || link === null || link.hasAttribute('download')) return null
  const isHere = link.target === '' || link.target === '_self'
  return isHere && link.origin === window.location.origin ? link : null
}
