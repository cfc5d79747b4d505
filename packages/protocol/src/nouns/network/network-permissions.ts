import type { PermissionFacts } from '../../permission-facts.ts'

export const networkPermissions = {
  'networks.read': { role: 'viewer', sentence: 'See networks and who is on them.' },
  'networks.create': { role: 'operator', sentence: 'Make networks on hosts.' },
  'networks.create.privileged': {
    role: 'admin',
    sentence: 'Make networks of public addresses, which the host then no longer reaches.',
  },
  'networks.remove': { role: 'operator', sentence: 'Remove networks that nobody is on.' },
  'networks.connect': {
    role: 'operator',
    sentence: 'Put containers on networks, take them from them, and publish their ports.',
  },
} satisfies Record<string, PermissionFacts>
