import { byUse } from '../../use.ts'
import { labelFilter, natural, type View } from '../../view.ts'
import type { Volume } from './volume.ts'
import { containerKind } from '../container/container-kind.ts'

const use = byUse(containerKind, 'Whether a container mounts it')

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
    use: use.filter,
    label: labelFilter,
  },
  sorts: {
    name: natural(({ name }) => name),
    created: ({ createdAt }) => createdAt ?? '',
    used: use.sort,
    size: ({ size }) => size?.sizeBytes ?? -1,
    host: natural((_row, { hostName }) => hostName),
  },
  counts: use.counts,
} satisfies View<Volume>
