import type { Engine } from '@flotilla/engine'
import type { FakeContainer } from './container.ts'
import type { FakeNetworks } from './networks.ts'

/** The method table of a fake host's networks: nothing but plumbing. */
export function createNetworkHandlers(
  networks: FakeNetworks,
  find: (ref: string) => FakeContainer,
  changed: (container: FakeContainer, action: string) => void,
): NonNullable<Engine['networks']> {
  return {
    list: async () => networks.list(),
    inspect: async ({ id }) => networks.inspect(id),
    create: async (input, { operationId }) => ({ network: networks.create(input, operationId) }),
    async remove({ id }) {
      networks.remove(id)
      return {}
    },
    prunePreview: async () => ({ networks: networks.prunable() }),
    prune: async ({ ids }) => networks.prune(ids),
    async connect({ id, container: ref, ...wanted }) {
      const container = find(ref)
      if (networks.connect(id, container, wanted)) changed(container, 'connect')
      return { container: container.row() }
    },
    async disconnect({ id, container: ref }) {
      const container = find(ref)
      if (networks.disconnect(id, container)) changed(container, 'disconnect')
      return { container: container.row() }
    },
  }
}
