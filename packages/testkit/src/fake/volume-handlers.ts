import type { Engine } from '@flotilla/engine'
import type { FakeVolumes } from './volumes.ts'

/** The method table of a fake host's volumes: nothing but plumbing. */
export function createVolumeHandlers(volumes: FakeVolumes): NonNullable<Engine['volumes']> {
  return {
    list: async () => volumes.list(),
    inspect: async ({ id }) => volumes.inspect(id),
    measure: async ({ id }) => volumes.measure(id),
    create: async (input, { operationId }) => ({ volume: volumes.create(input, operationId) }),
    rename: async ({ id, name }) => ({ volume: volumes.rename(id, name) }),
    async remove({ id }) {
      volumes.remove(id)
      return {}
    },
    prunePreview: async ({ all }) => volumes.preview(all),
    prune: async ({ ids, marks }) => volumes.prune(ids, marks),
  }
}
