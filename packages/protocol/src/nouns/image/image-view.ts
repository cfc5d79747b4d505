import type { Image } from './image.ts'
import { byUse } from '../../use.ts'
import { natural, type View } from '../../view.ts'
import { containerKind } from '../container/container-kind.ts'

const use = byUse(containerKind, 'Whether a container uses it')

/** What people type for an image of Docker Hub, and engines repeat: `nginx:1.27`. */
function asTyped(reference: string): string[] {
  const short = reference.replace(/^docker\.io\/(?:library\/)?/, '')
  return short === reference ? [] : [short]
}

/** How images are found, ordered and counted. */
export const imageView = {
  title: ({ references, id }) => references[0] ?? id,
  names: ({ references, digests }) => [...references, ...digests, ...[...references, ...digests].flatMap(asTyped)],
  search: ({ references, digests }) => [...references, ...digests],
  filters: {
    use: use.filter,
  },
  sorts: {
    reference: natural(({ references, id }) => references[0] ?? id),
    size: ({ sizeBytes }) => sizeBytes,
    created: ({ createdAt }) => createdAt ?? '',
    used: use.sort,
    host: natural((_row, { hostName }) => hostName),
  },
  counts: use.counts,
} satisfies View<Image>
