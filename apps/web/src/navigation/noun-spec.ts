import type { Permission } from '@flotilla/protocol'
import type { LucideIcon } from 'lucide-react'

/** A kind of thing that has a list and a page for each one, as its file beside says it. */
export interface NounSpec {
  /** Where it stands in the rail: the lowest comes first. */
  place: number
  /** What the wire calls one of them. */
  kind: string
  /** What the API, the address and the texts (`places`, `palette.begin`) call all of them. */
  name: string
  icon: LucideIcon
  /** Pressed after `g`. */
  key: string
  /** The list can be narrowed to one host; the host in scope then goes along from list to list. */
  isScoped: boolean
  /** Whether the line of where one is offers the others of the same host, or of the fleet where no host has them. */
  hasSiblings: boolean
  /** How the palette finds them: all at once, where there are few, or those that what is typed names. Left out: not at all. */
  found?: 'all' | 'typed'
  /** How a new one is begun; `key` alone begins it from anywhere. */
  begin?: { href: string; icon: LucideIcon; permission: Permission; key?: string }
  /** What a person calls one of them. Left out: its `name`. */
  title?(row: NounRow): string
}

/** What a row of every noun has. */
export interface NounRow {
  id: string
  name?: string
  hostId?: string
  hostName?: string
}
