import { Container, Play } from 'lucide-react'
import type { NounSpec } from '../noun-spec.ts'

export const containers = {
  place: 10,
  kind: 'container',
  name: 'containers',
  icon: Container,
  key: 'c',
  isScoped: true,
  hasSiblings: true,
  found: 'typed',
  begin: { href: '/containers/new', icon: Play, permission: 'containers.create', key: 'n' },
} as const satisfies NounSpec
