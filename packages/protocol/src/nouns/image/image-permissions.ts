import type { PermissionFacts } from '../../permission-facts.ts'

export const imagePermissions = {
  'images.read': { role: 'viewer', sentence: 'See images and their layers.' },
  'images.pull': { role: 'operator', sentence: 'Pull images onto hosts.' },
  'images.remove': { role: 'operator', sentence: 'Remove images and their tags.' },
} satisfies Record<string, PermissionFacts>
