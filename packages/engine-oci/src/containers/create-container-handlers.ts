import type { Engine } from '@flotilla/engine'
import { type Container, FlotillaError } from '@flotilla/protocol'
import { createPortHandlers } from '../networks/network-handlers.ts'
import type { Context } from './context.ts'
import { createContainer } from './create.ts'
import * as observe from './observe.ts'
import * as operate from './operate.ts'
import type { ContainerRecord } from './record.ts'
import { toSetAsideRow } from './set-aside.ts'
import { toContainer } from './view.ts'

/** Where all are asked for, those as well whose records cannot be read: whether they run is not known. */
function listContainers(context: Context, all: boolean): Container[] {
  const { store, engineId, networks } = context
  const known = store.all().filter(({ phase }) => all || phase === 'running')
  const aside = all ? store.setAside.all() : []
  const networksOf = (id: string) => networks.endpointsOf(id).map(({ network }) => network)
  return [
    ...known.map((record) => toContainer(context, record)),
    ...aside.map((each) => toSetAsideRow({ engineId, networks: networksOf(each.id) }, each)),
  ]
}

/** The method table of containers over the context: nothing but plumbing. */
export function createContainerHandlers(context: Context): NonNullable<Engine['containers']> {
  const changed = (record: ContainerRecord) => ({ container: toContainer(context, record) })
  return {
    ...createPortHandlers(context),
    list: ({ all }) => Promise.resolve(listContainers(context, all)),
    inspect: ({ id }) => observe.inspectContainer(context, id),
    kernel: ({ id }) => observe.readKernel(context, id),
    create: async (spec, call) => changed(await createContainer(context, spec, call)),
    start: async ({ id }, call) => changed(await operate.startContainer(context, id, call.signal)),
    stop: async ({ id, timeoutSeconds }, call) =>
      changed(await operate.stopContainer(context, id, timeoutSeconds, call.signal)),
    kill: async ({ id, signal }, call) => changed(await operate.killContainer(context, id, signal, call.signal)),
    restart: async ({ id, timeoutSeconds }, call) =>
      changed(await operate.restartContainer(context, id, timeoutSeconds, call.signal)),
    pause: async ({ id }, call) => changed(await operate.setPaused(context, id, true, call.signal)),
    unpause: async ({ id }, call) => changed(await operate.setPaused(context, id, false, call.signal)),
    async remove({ id, force, volumes }, call) {
      try {
        await operate.removeContainer(context, id, { force, volumes }, call.signal)
      } catch (error) {
        // Repeated by its full id: what is gone is removed. A name or prefix may be a slip, which is told.
        const gone = error instanceof FlotillaError && error.code === 'NOT_FOUND' && /^[0-9a-f]{64}$/.test(id)
        if (!gone) throw error
      }
      return {}
    },
    wait: ({ id }, call) => observe.waitContainer(context, id, call.signal),
    logs: (input, call) => observe.readContainerLogs(context, input, call.signal),
    stats: ({ id, intervalMs }, call) => observe.readStatsStream(context, id, intervalMs, call.signal),
  }
}
