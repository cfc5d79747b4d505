import { Network, Plus } from 'lucide-react'
import type { NounSpec } from '../noun-spec.ts'

export const networks = {
  place: 40,
  kind: 'network',
  name: 'networks',
  icon: Network,
  key: 'w',
  isScoped: true,
  hasSiblings: true,
  found: 'typed',
  begin: { href: '/networks?create=1', icon: Plus, permission: 'networks.create' },
} as const satisfies NounSpec
