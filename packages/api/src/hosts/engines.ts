import { type FleetHost, fail } from '@flotilla/protocol'
import { requireAccess } from '../access.ts'
import type { ActorContext } from '../context.ts'
import { bindEngines } from '../fleet/engine-bindings.ts'
import { hostFactsOf, readerOf } from '../nouns/sight.ts'

/**
 * From now on a host's agent speaks for an engine that spans machines, beside those that do already: it is shown what is done
 * there, and is believed in what it tells. Idempotent. NOT_FOUND where it names no such engine, PERMISSION_DENIED.
 */
export async function allowEngine(ctx: ActorContext, input: { id: string; engine: string }): Promise<FleetHost> {
  const { db, index, policy } = ctx.app
  const host = index.resolveHost(readerOf(ctx), input.id)
  requireAccess(policy, ctx.actor, 'hosts.manage', hostFactsOf(host))
  await host.inTurn(async () => {
    const identity = host.reported.find(({ id }) => id === input.engine)?.spans?.identity
    if (identity === undefined || !(await db.spanningEngines.allow(ctx.actor, host.id, identity))) {
      throw fail('fleet.noSpanningEngine', { host: host.name, engine: input.engine })
    }
    index.bind(host.id, await bindEngines(db, host, host.reported))
  })
  return host.toFleetHost(readerOf(ctx).sees)
}

/** The host, and which engine of it. */
export function engineSubject(input: unknown): string {
  const { id, engine } = input as { id?: string; engine?: string }
  return [id, engine].filter((word) => typeof word === 'string').join(' ')
}
