import type { Engine } from '@flotilla/engine'
import type { Networks } from './networks.ts'

/** The method table of networks over the daemon: nothing but plumbing. */
export function createNetworkHandlers(networks: Networks): NonNullable<Engine['networks']> {
  return {
    list: (_input, call) => networks.list(call.signal),
    inspect: ({ id }, call) => networks.inspect(id, call.signal),
    create: (input, call) => networks.create(input, call),
    async remove({ id }, call) {
      await networks.remove(id, call.signal)
      return {}
    },
    prunePreview: async (_input, call) => ({ networks: await networks.prunable(call.signal) }),
    prune: ({ ids }, call) => networks.prune(ids, call.signal),
    connect: ({ id, ...wanted }, call) => networks.connect(id, wanted, call),
    disconnect: ({ id, container }, call) => networks.disconnect(id, container, call),
  }
}
