import type { Node } from './node.ts'
import { labelFilter, natural, type View } from '../../view.ts'

/** How nodes are found, ordered and counted. */
export const nodeView = {
  title: ({ name }) => name,
  names: ({ name }) => [name],
  search: ({ name, engine, state, roles, addresses, hostname, labels }) => [
    name,
    engine,
    state,
    hostname ?? '',
    ...roles,
    ...addresses.map(({ address }) => address),
    ...Object.entries(labels).map(([label, content]) => `${label}=${content.slice(0, 200)}`),
  ],
  filters: {
    state: {
      describe: 'One or more states, comma-separated',
      many: true,
      matching:
        (wanted) =>
        ({ state }) =>
          state === wanted,
    },
    label: labelFilter,
  },
  sorts: { name: natural(({ name }) => name), state: ({ state }) => state },
  counts: { filter: 'state', initial: [], of: ({ state }) => state },
} satisfies View<Node>
