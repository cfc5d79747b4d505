import { listAddress } from './addresses.ts'
import { nouns } from './nouns.ts'

/** The lists that may be narrowed to one host, by their addresses. */
const scopedLists = nouns.filter((noun) => noun.isScoped).map(listAddress)

export function isScopedList(href: string): boolean {
  return scopedLists.includes(href)
}

/** Where a host that is chosen as scope on a page without one leads. */
export const firstScopedList = scopedLists[0] ?? '/'

/** An address narrowed to a host. */
export function inScope(href: string, hostId: string): string {
  return `${href}?host=${encodeURIComponent(hostId)}`
}

/** A place's address with the host that is in scope, where the place is a list that may be scoped. */
export function withScope(href: string, search: string): string {
  const host = new URLSearchParams(search).get('host')
  return host !== null && isScopedList(href) ? inScope(href, host) : href
}
