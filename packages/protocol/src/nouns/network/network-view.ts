import type { Network } from './network.ts'
import { byUse } from '../../use.ts'
import { labelFilter, natural, type View } from '../../view.ts'
import { containerKind } from '../container/container-kind.ts'

const use = byUse(containerKind, 'Whether a container is on it')

/** How networks are found, ordered and counted. */
export const networkView = {
  title: ({ name }) => name,
  names: ({ name }) => [name],
  search: ({ name, engine, driver, subnets, labels }) => [
    name,
    engine,
    driver,
    ...subnets.map(({ subnet }) => subnet),
    ...Object.entries(labels).map(([label, content]) => `${label}=${content.slice(0, 200)}`),
  ],
  filters: { use: use.filter, label: labelFilter },
  sorts: {
    name: natural(({ name }) => name),
    created: ({ createdAt }) => createdAt ?? '',
    used: use.sort,
    host: natural((_row, { hostName }) => hostName),
  },
  counts: use.counts,
} satisfies View<Network>
