import { labelFilter, natural, type View } from '../../view.ts'
import type { Volume } from './volume.ts'

/** How volumes are found, ordered and counted. */
export const volumeView = {
  title: ({ name }) => name,
  names: ({ name }) => [name],
  search: ({ name, engine, driver, labels }) => [
    name,
    engine,
    driver,
    ...Object.entries(labels).map(([label, content]) => `${label}=${content.slice(0, 200)}`),
  ],
  filters: {
    use: {
      describe: 'Whether a container mounts it',
      values: ['used', 'unused'],
      matches: (_row, wanted, { users }) => useOf(users('container')) === wanted,
    },
    label: labelFilter,
  },
  sorts: {
    name: natural(({ name }) => name),
    created: ({ createdAt }) => createdAt ?? '',
    used: (_row, { users }) => users('container'),
    host: natural((_row, { hostName }) => hostName),
  },
  counts: { filter: 'use', initial: ['used', 'unused'], of: (_row, { users }) => useOf(users('container')) },
} satisfies View<Volume>

function useOf(users: number): 'used' | 'unused' {
  return users > 0 ? 'used' : 'unused'
}
