import { HardDrive, Plus } from 'lucide-react'
import type { NounSpec } from '../noun-spec.ts'

export const hosts = {
  place: 50,
  kind: 'host',
  name: 'hosts',
  icon: HardDrive,
  key: 'h',
  isScoped: false,
  hasSiblings: true,
  found: 'all',
  begin: { href: '/hosts?join=1', icon: Plus, permission: 'hosts.manage' },
} as const satisfies NounSpec
