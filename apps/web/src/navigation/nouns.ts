import type { FleetImage, Permission } from '@flotilla/protocol'
import { Boxes, Container, Database, Download, HardDrive, Network, Play, Plus, type LucideIcon } from 'lucide-react'
import { imageName } from '../format/image-name.ts'

interface NounSpec {
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

const list = [
  {
    kind: 'container',
    name: 'containers',
    icon: Container,
    key: 'c',
    isScoped: true,
    hasSiblings: true,
    found: 'typed',
    begin: { href: '/containers/new', icon: Play, permission: 'containers.create', key: 'n' },
  },
  {
    kind: 'image',
    name: 'images',
    icon: Boxes,
    key: 'i',
    isScoped: true,
    hasSiblings: false,
    begin: { href: '/images?pull=1', icon: Download, permission: 'images.pull' },
    title: (image: FleetImage) => imageName(image),
  },
  {
    kind: 'volume',
    name: 'volumes',
    icon: Database,
    key: 'v',
    isScoped: true,
    hasSiblings: true,
    found: 'typed',
    begin: { href: '/volumes?create=1', icon: Plus, permission: 'volumes.create' },
  },
  {
    kind: 'network',
    name: 'networks',
    icon: Network,
    key: 'w',
    isScoped: true,
    hasSiblings: true,
    found: 'typed',
    begin: { href: '/networks?create=1', icon: Plus, permission: 'networks.create' },
  },
  {
    kind: 'host',
    name: 'hosts',
    icon: HardDrive,
    key: 'h',
    isScoped: false,
    hasSiblings: true,
    found: 'all',
    begin: { href: '/hosts?join=1', icon: Plus, permission: 'hosts.manage' },
  },
] as const satisfies readonly NounSpec[]

export type NounName = (typeof list)[number]['name']
export type NounKind = (typeof list)[number]['kind']

/** A kind of thing that has a list and a page for each one. */
export interface Noun extends NounSpec {
  kind: NounKind
  name: NounName
}

/**
 * The one list of nouns, in the order of the rail: the rail, the shortcuts, the palette, the line of where one is and the scope
 * are made from it.
 */
export const nouns: readonly Noun[] = list

/** The noun of that name. */
export function nounOf(name: NounName): Noun {
  const noun = nouns.find((each) => each.name === name)
  if (noun === undefined) throw new Error(`no noun is called ${name}`)
  return noun
}

/** What a person calls a thing. */
export function titleOf(noun: Noun, row: NounRow): string {
  return noun.title?.(row) ?? row.name ?? row.id
}
