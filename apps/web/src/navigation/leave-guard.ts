'use client'

import { useRouter } from 'next/navigation'
import { useCallback, useEffect, useRef, useState } from 'react'

type Go = () => void

/** What would be lost by leaving, and asks first. */
interface Guard {
  /** Whether who goes to this address leaves it behind. */
  leaves: (to: URL) => boolean
  ask: (go: Go) => void
}

/** Of what is shown, the newest last. */
const guards: Guard[] = []
let stopListening: Go = () => undefined

/** Of what goes on in every view of a page. */
export const anotherPage = (to: URL): boolean => to.pathname !== window.location.pathname

/** Of what goes with the view that it is in. */
export const anotherView = (to: URL): boolean => anotherPage(to) || to.search !== window.location.search

/** Goes on, unless something of what is shown would be lost by it: then that asks first. */
export function leaveFor(href: string, go: Go): void {
  const guard = guardAgainst(href)
  if (guard === undefined) go()
  else guard.ask(() => leaveFor(href, go))
}

/** Goes to another page, unless the one that is shown asks first. */
export function useGo(): (href: string) => void {
  const router = useRouter()
  return useCallback((href) => leaveFor(href, () => router.push(href)), [router])
}

/**
 * While `isHeld` whoever leaves by a link, a key, Back or by closing the tab is asked first: `isAsked` says that somebody wants
 * to go, `leave` lets them. The browser itself asks who closes the tab; where it cannot hold Back it goes.
 */
export function useLeaveGuard(
  isHeld: boolean,
  leaves: Guard['leaves'] = anotherPage,
): { isAsked: boolean; stay: Go; leave: Go } {
  const [going, setGoing] = useState<Go | null>(null)
  const letGo = useRef<Go>(() => undefined)
  useEffect(() => {
    if (!isHeld) return
    letGo.current = hold({ leaves, ask: (go) => setGoing(() => go) })
    return () => {
      letGo.current()
      setGoing(null)
    }
  }, [isHeld, leaves])
  return {
    isAsked: going !== null,
    stay: () => setGoing(null),
    leave: () => {
      letGo.current()
      setGoing(null)
      going?.()
    },
  }
}

/** Gives the function that ends it. */
function hold(guard: Guard): Go {
  guards.push(guard)
  if (guards.length === 1) stopListening = listen()
  return () => {
    const at = guards.indexOf(guard)
    if (at < 0) return
    guards.splice(at, 1)
    if (guards.length === 0) stopListening()
  }
}

function guardAgainst(href: string): Guard | undefined {
  const to = new URL(href, window.location.href)
  return guards.findLast(({ leaves }) => leaves(to))
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

/** What leads away without asking `leaveFor`. Gives the function that ends it. */
function listen(): Go {
  const click = (event: MouseEvent) => {
    const link = followedLink(event)
    const guard = link === null ? undefined : guardAgainst(link.href)
    if (link === null || guard === undefined) return
    event.preventDefault()
    event.stopPropagation()
    guard.ask(() => link.click())
  }
  const unload = (event: BeforeUnloadEvent) => event.preventDefault()
  const { navigation } = window as unknown as { navigation?: TravelApi }
  const travel = (event: TravelEvent) => {
    const { key, url } = event.destination
    const guard = event.navigationType === 'traverse' && event.cancelable ? guardAgainst(url) : undefined
    if (guard === undefined) return
    event.preventDefault()
    guard.ask(() => void navigation?.traverseTo(key))
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
