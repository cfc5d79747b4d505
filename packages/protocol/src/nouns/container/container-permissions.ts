import type { PermissionFacts } from '../../permission-facts.ts'

export const containerPermissions = {
  'containers.read': { role: 'viewer', sentence: 'See containers, their usage and what the kernel holds of them.' },
  'containers.logs': { role: 'viewer', sentence: 'Read what containers print.' },
  'containers.create': { role: 'operator', sentence: 'Make containers that stay within a world of their own.' },
  'containers.create.privileged': {
    role: 'admin',
    sentence:
      "Make containers that reach into their host: its folders, devices, namespaces or kernel's powers; run commands in those that have all of it.",
  },
  'containers.operate': { role: 'operator', sentence: 'Start, stop, kill, restart and pause containers.' },
  'containers.remove': { role: 'operator', sentence: 'Remove containers.' },
  'containers.exec': { role: 'operator', sentence: 'Run commands and open terminals in containers.' },
} satisfies Record<string, PermissionFacts>
