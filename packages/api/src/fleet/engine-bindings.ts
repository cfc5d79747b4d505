import type { Database, EngineBinding, SpanningEngineRow } from '@flotilla/db'
import type { EngineInfo } from '@flotilla/protocol'

/** What a host's agent is to the engines that span machines, by the identities by which it names them. */
export type Bindings = ReadonlyMap<string, EngineBinding>

/**
 * Asks the database what a host's agent is to each engine that it names. An agent cannot take the place of another by naming
 * its engine: the first is believed, any other waits for a person. See docs/adr/0017-agent-machine-engine-node.md.
 */
export async function bindEngines(
  db: Pick<Database, 'spanningEngines'>,
  { id, organisationId }: { id: string; organisationId: string },
  engines: readonly EngineInfo[],
): Promise<Bindings> {
  const bindings = new Map<string, EngineBinding>()
  for (const { spans } of engines) {
    if (spans === undefined || bindings.has(spans.identity)) continue
    const binding = await db.spanningEngines.bind({ organisationId }, id, spans.identity)
    if (binding !== null) bindings.set(spans.identity, binding)
  }
  return bindings
}

/** The same of what the database has of all engines. */
export function bindingsIn(
  engines: readonly SpanningEngineRow[],
  host: { id: string; organisationId: string },
): Bindings {
  const own = engines.filter(({ organisationId }) => organisationId === host.organisationId)
  return new Map(
    own.flatMap(({ id, identity, agents }) =>
      agents.filter(({ hostId }) => hostId === host.id).map(({ allowed }) => [identity, { id, allowed }] as const),
    ),
  )
}
