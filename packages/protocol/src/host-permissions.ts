import type { PermissionFacts } from './permission-facts.ts'

export const hostPermissions = {
  'hosts.read': { role: 'viewer', sentence: 'See hosts, what they are made of and how they are.' },
  'hosts.manage': { role: 'admin', sentence: 'Add hosts and remove them, label, group and cordon them.' },
} satisfies Record<string, PermissionFacts>
