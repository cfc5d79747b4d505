import { Database, Plus } from 'lucide-react'
import type { NounSpec } from '../noun-spec.ts'

export const volumes = {
  place: 30,
  kind: 'volume',
  name: 'volumes',
  icon: Database,
  key: 'v',
  isScoped: true,
  hasSiblings: true,
  found: 'typed',
  begin: { href: '/volumes?create=1', icon: Plus, permission: 'volumes.create' },
} as const satisfies NounSpec
