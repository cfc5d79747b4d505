import { agentMethods, FlotillaError, type Operation } from '@flotilla/protocol'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Actor, scopeFor } from '@flotilla/auth'
import type { App } from '../app.ts'
import type { ActorContext } from '../context.ts'
import type { HostEntry } from '../fleet/host-entry.ts'
import { operationOfHost } from './of-host.ts'

/** The change may not be in the agent's journal yet when we ask: try a few times. */
const attempts = 5

/** Tells the fleet's watchers of a long change's progress until it ends or `stop` is called. */
export function watchOperation(ctx: ActorContext, host: HostEntry, id: string): { stop(): void } {
  return followOperation(ctx.app, ctx.actor, { hostId: host.id, id }, (operation) => {
    const actor = operation.actor === ctx.actor.userId ? ctx.actor.name : operation.actor
    ctx.app.index.operation(host, operationOfHost(host, operation, actor))
  })
}

/**
 * Tells of a host's change at each of its steps until it ends or `stop` is called. A watch that fails changes nothing for the
 * change itself.
 */
export function followOperation(
  app: App,
  asker: Actor,
  { hostId, id }: { hostId: string; id: string },
  tell: (operation: Operation) => void,
): { stop(): void } {
  const abort = new AbortController()
  const follow = async () => {
    const { agent } = app.gateway.for(hostId)
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      await sleep(50 * (attempt + 1), undefined, { signal: abort.signal })
      try {
        const options = { scope: scopeFor(asker, [agentMethods.operations.watch.permission]), signal: abort.signal }
        for await (const operation of agent.operations.watch({ id }, options)) tell(operation)
        return
      } catch (error) {
        if (!(error instanceof FlotillaError) || error.code !== 'NOT_FOUND') throw error
      }
    }
  }
  const done = follow().catch((error: unknown) => {
    if (!abort.signal.aborted) app.log.debug({ err: error, operationId: id }, 'an operation is not watched')
  })
  return {
    stop: () => {
      // Its last state is still under way when the call itself has been answered.
      const timer = setTimeout(() => abort.abort(), 2000)
      timer.unref()
      void done.finally(() => clearTimeout(timer))
    },
  }
}
