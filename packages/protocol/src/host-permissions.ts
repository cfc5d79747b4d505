import type { PermissionFacts } from './permission-facts.ts'

export const hostPermissions = {
  'hosts.read': { role: 'viewer', sentence: 'See hosts, what they are made of and how they are.' },
  'hosts.ports': {
    role: 'viewer',
    sentence: 'See which ports of a host are open, who holds them and who reaches them.',
  },
  'hosts.manage': { role: 'admin', sentence: 'Add hosts and remove them, label, group and cordon them.' },
} satisfies Record<string, PermissionFacts>
