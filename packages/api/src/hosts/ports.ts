import { scopeFor } from '@flotilla/auth'
import { type Container, type FleetHostPorts, agentMethods, containerNoun } from '@flotilla/protocol'
import { requireAccess } from '../access.ts'
import type { ActorContext } from '../context.ts'
import { readOptions } from '../fleet/call-options.ts'
import { hostFactsOf, readerOf } from '../nouns/sight.ts'

const { permission, deadlineMs } = agentMethods.agent.ports

/** The host asked now which ports are open. What runs in a container that the caller does not see is left out. UNAVAILABLE. */
export async function hostPorts(ctx: ActorContext, ref: string): Promise<FleetHostPorts> {
  const { index, gateway, policy } = ctx.app
  const host = index.resolveHost(readerOf(ctx), ref)
  requireAccess(policy, ctx.actor, permission, hostFactsOf(host))
  const options = readOptions(scopeFor(ctx.actor, [permission]), deadlineMs)
  const { at, published, held } = await gateway.for(host.id).agent.agent.ports({}, options)
  const { sees } = readerOf(ctx)
  const { kind } = containerNoun
  const seen = (engine: string, nativeId: string) => {
    const { holder, row } = host.locate(kind, engine, nativeId) ?? {}
    return holder !== undefined && row !== undefined && sees(holder, kind, row) ? row : undefined
  }
  return {
    ...{ hostId: host.id, hostName: host.name, at },
    published: published.flatMap(({ engine, containerId, ...port }) => {
      const row = seen(engine, containerId)
      return row === undefined ? [] : [{ ...port, containerId: row.id }]
    }),
    held: held.flatMap(({ container, ...port }): FleetHostPorts['held'] => {
      if (container === null) return [{ ...port, container: null }]
      const row = seen(container.engine, container.id)
      return row === undefined ? [] : [{ ...port, container: { id: row.id, name: (row.value as Container).name } }]
    }),
  }
}
