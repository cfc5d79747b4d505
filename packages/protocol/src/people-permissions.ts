import type { PermissionFacts } from './permission-facts.ts'

export const peoplePermissions = {
  'people.read': { role: 'admin', sentence: 'See who belongs to the organisation.' },
  'people.manage': { role: 'admin', sentence: 'Invite people, change their roles and remove them.' },
  'audit.read': { role: 'admin', sentence: 'Read who did what.' },
} satisfies Record<string, PermissionFacts>
