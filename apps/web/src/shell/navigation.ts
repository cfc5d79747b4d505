import { Boxes, Container, HardDrive, LayoutDashboard, type LucideIcon } from 'lucide-react'

export interface Place {
  name: 'overview' | 'containers' | 'images' | 'hosts'
  href: string
  icon: LucideIcon
  /** Pressed after `g`. */
  key: string
}

/** The pages of the rail, in its order. */
export const places: readonly Place[] = [
  { name: 'overview', href: '/', icon: LayoutDashboard, key: 'o' },
  { name: 'containers', href: '/containers', icon: Container, key: 'c' },
  { name: 'images', href: '/images', icon: Boxes, key: 'i' },
  { name: 'hosts', href: '/hosts', icon: HardDrive, key: 'h' },
]

/** The id in `/containers/<id>`: pages of one thing are exported once, for any id, and read it from the address. */
export function idOf(pathname: string): string {
  return decodeURIComponent(pathname.split('/')[2] ?? '')
}

/** Whether a place is where one is, or above it. */
export function isWithin(place: Place, pathname: string): boolean {
  return place.href === '/' ? pathname === '/' : pathname === place.href || pathname.startsWith(`${place.href}/`)
}

/** Keys that are pressed into a field are not shortcuts. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target.closest('.xterm') !== null) return true
  if (target instanceof HTMLInputElement) return target.type !== 'checkbox' && target.type !== 'radio'
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
}

/** A place's address with the host that is in scope, where the place is a list that may be scoped. */
export function withScope(href: string, search: string): string {
  const host = new URLSearchParams(search).get('host')
  const scoped = host !== null && (href === '/containers' || href === '/images')
  return scoped ? `${href}?host=${encodeURIComponent(host)}` : href
}
