import type { PermissionFacts } from '../../permission-facts.ts'

export const volumePermissions = {
  'volumes.read': { role: 'viewer', sentence: 'See volumes, who uses them and what they take.' },
  'volumes.create': { role: 'operator', sentence: 'Make, rename and clone volumes.' },
  'volumes.remove': { role: 'operator', sentence: 'Remove volumes with all that is in them.' },
  'volumes.files.read': { role: 'operator', sentence: 'Read the files of volumes.' },
  'volumes.files.write': { role: 'operator', sentence: 'Change the files of volumes.' },
} satisfies Record<string, PermissionFacts>
