import type { Container } from './container.ts'
import { usesFilter } from '../../use.ts'
import { labelFilter, natural, type View } from '../../view.ts'
import { networkKind } from '../network/network-kind.ts'
import { volumeKind } from '../volume/volume-kind.ts'

/** How containers are found, ordered and counted. */
export const containerView = {
  title: ({ name }) => name,
  names: ({ name }) => [name],
  search: ({ name, image, engine, state, ports, labels }) => [
    name,
    image,
    engine,
    state,
    ...ports.map((port) => `${port.hostPort}:${port.containerPort}`),
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
    image: {
      describe: 'An image by its name or id',
      matching:
        (wanted) =>
        ({ image, imageId }) =>
          image === wanted || imageId === wanted,
    },
    volume: usesFilter(volumeKind, 'A volume that it mounts, by its name or id'),
    network: usesFilter(networkKind, 'A network that it is on, by its name or id'),
  },
  sorts: {
    name: natural(({ name }) => name),
    created: ({ createdAt }) => createdAt,
    state: ({ state }) => state,
    host: natural((_row, { hostName }) => hostName),
    cpu: (_row, { usage }) => usage?.cpuCores ?? -1,
    memory: (_row, { usage }) => usage?.memoryBytes ?? -1,
  },
  counts: { filter: 'state', initial: [], of: ({ state }) => state },
} satisfies View<Container>
