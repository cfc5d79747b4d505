import type { Image } from './image.ts'
import { natural, type View } from '../../view.ts'

/** How images are found, ordered and counted. */
export const imageView = {
  title: ({ references, id }) => references[0] ?? id,
  names: ({ references, digests }) => [...references, ...digests],
  search: ({ references, digests }) => [...references, ...digests],
  filters: {
    use: {
      describe: 'Whether a container uses it',
      values: ['used', 'unused'],
      matches: (_row, wanted, known) => useOf(known.users('container')) === wanted,
    },
  },
  sorts: {
    reference: natural(({ references, id }) => references[0] ?? id),
    size: ({ sizeBytes }) => sizeBytes,
    created: ({ createdAt }) => createdAt ?? '',
    used: (_row, { users }) => users('container'),
    host: natural((_row, { hostName }) => hostName),
  },
  counts: { filter: 'use', initial: ['used', 'unused'], of: (_row, known) => useOf(known.users('container')) },
} satisfies View<Image>

function useOf(users: number): 'used' | 'unused' {
  return users > 0 ? 'used' : 'unused'
}
