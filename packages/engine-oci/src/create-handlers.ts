import type { Engine } from '@flotilla/engine'
import { type EngineMethods, FlotillaError, type Handlers } from '@flotilla/protocol'
import type { Context } from './containers/context.ts'
import { createContainer } from './containers/create.ts'
import * as observe from './containers/observe.ts'
import * as operate from './containers/operate.ts'
import type { ContainerRecord } from './containers/record.ts'
import { toContainer } from './containers/view.ts'
import { attachExec } from './exec/exec-attach.ts'
import { toExecSession } from './exec/exec-record.ts'
import type { ExecSessions } from './exec/exec-sessions.ts'
import { createNetworkHandlers, createPortHandlers } from './networks/network-handlers.ts'
import { createVolumeHandlers } from './volumes/index.ts'

/** The nouns that this engine has, with all their methods. */
type OciHandlers = Pick<Engine, 'containers' | 'exec' | 'images' | 'events' | 'usage'> &
  Handlers<Pick<EngineMethods, 'networks' | 'volumes' | 'volumeFiles'>>

/** The method table over the context: nothing but plumbing. */
export function createHandlers(context: Context, sessions: ExecSessions): OciHandlers {
  const changed = (record: ContainerRecord) => ({ container: toContainer(context, record) })
  const usage = new observe.UsageReader()
  const { images } = context
  return {
    networks: createNetworkHandlers(context),
    containers: {
      ...createPortHandlers(context),
      list: ({ all }) =>
        Promise.resolve(
          context.store
            .all()
            .filter(({ phase }) => all || phase === 'running')
            .map((record) => toContainer(context, record)),
        ),
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
    },
    exec: {
      create: async (input, call) => toExecSession(await sessions.create(input, call)),
      attach: (input, incoming, call) => attachExec(sessions, input, incoming, call),
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
    ...createVolumeHandlers(context.volumes, context.failurePoint),
    usage: () => usage.read(context),
  }
}
