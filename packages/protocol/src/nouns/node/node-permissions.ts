import type { PermissionFacts } from '../../permission-facts.ts'

export const nodePermissions = {
  'nodes.read': { role: 'viewer', sentence: 'See the machines of engines that span several.' },
} satisfies Record<string, PermissionFacts>
