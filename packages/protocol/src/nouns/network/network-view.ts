import type { Network } from './network.ts'
import { labelFilter, natural, type View } from '../../view.ts'

/** How networks are found and ordered. */
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
  filters: { label: labelFilter },
  sorts: {
    name: natural(({ name }) => name),
    created: ({ createdAt }) => createdAt ?? '',
    host: natural((_row, { hostName }) => hostName),
  },
} satisfies View<Network>
