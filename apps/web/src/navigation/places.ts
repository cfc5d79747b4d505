import { LayoutDashboard, type LucideIcon } from 'lucide-react'
import { listAddress } from './addresses.ts'
import { nouns, type NounName } from './nouns.ts'

export interface Place {
  name: 'overview' | NounName
  href: string
  icon: LucideIcon
  /** Pressed after `g`. */
  key: string
}

/** The pages of the rail, in its order. */
export const places: readonly Place[] = [
  { name: 'overview', href: '/', icon: LayoutDashboard, key: 'o' },
  ...nouns.map((noun) => ({ name: noun.name, href: listAddress(noun), icon: noun.icon, key: noun.key })),
]

/** Whether a place is where one is, or above it. */
export function isWithin(place: Pick<Place, 'href'>, pathname: string): boolean {
  return place.href === '/' ? pathname === '/' : pathname === place.href || pathname.startsWith(`${place.href}/`)
}
