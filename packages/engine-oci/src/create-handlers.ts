import { type Engine, requireHostRight } from '@flotilla/engine'
import type { Context } from './containers/context.ts'
import { createContainerHandlers } from './containers/create-container-handlers.ts'
import { inspectContainer, UsageReader } from './containers/observe.ts'
import { attachExec } from './exec/exec-attach.ts'
import { toExecSession } from './exec/exec-record.ts'
import type { ExecSessions } from './exec/exec-sessions.ts'
import { createNetworkHandlers } from './networks/network-handlers.ts'
import { createVolumeHandlers } from './volumes/index.ts'

/** The method table over the context: nothing but plumbing. */
export function createHandlers(context: Context, sessions: ExecSessions) {
  const usage = new UsageReader()
  const { images } = context
  return {
    networks: createNetworkHandlers(context),
    containers: createContainerHandlers(context),
    exec: {
      async create(input, call) {
        const { id } = context.store.find(input.id)
        await requireHostRight(call.scope, () => inspectContainer(context, id))
        return toExecSession(await sessions.create({ ...input, id }, call))
      },
      async *attach(input, incoming, call) {
        const { containerId } = await sessions.refresh(input.session)
        await requireHostRight(call.scope, () => inspectContainer(context, containerId))
        yield* attachExec(sessions, input, incoming, call)
      },
      list: async ({ id }) => (await sessions.list(context.store.find(id).id)).map(toExecSession),
      async remove({ session }) {
        await sessions.remove(session)
        return {}
      },
    },
    images: {
      list: () => images.list(),
      inspect: ({ id }) => images.inspect(id),
      pull: async (input, call) => ({ image: await images.pull(input, call) }),
      remove: (input, call) => images.remove(input, call),
    },
    events: { watch: (_input, call) => context.hub.watch(call.signal) },
    ...createVolumeHandlers(context),
    usage: () => usage.read(context),
  } satisfies Omit<Engine, 'id' | 'identity' | 'absences' | 'recover' | 'close'>
}
