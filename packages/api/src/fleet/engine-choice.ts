import { fail } from '@flotilla/protocol'
import type { HostEntry } from './host-entry.ts'

/**
 * The engine that was named, else the first of the host that is ready and has the method, in the agent's own order.
 * NOT_FOUND for a name that the host does not have; CONFLICT where its agent may not speak for that engine; UNSUPPORTED with the reason where none can.
 */
export function chooseEngine(host: HostEntry, wanted: string | undefined, method: string): string {
  if (wanted !== undefined) {
    if (host.holderOf(wanted) === undefined) throw fail('fleet.engineNotAllowed', { host: host.name, engine: wanted })
    if (host.reported.some((engine) => engine.id === wanted)) return wanted
    throw fail('fleet.noEngine', { host: host.name, engine: wanted })
  }
  const reasons: string[] = []
  for (const engine of host.engines) {
    const capability = engine.capabilities[method]
    if (engine.state !== 'ready') reasons.push(`${engine.name}: ${engine.reason ?? 'not ready'}`)
    else if (capability?.available === false) reasons.push(`${engine.name}: ${capability.reason}`)
    else return engine.id
  }
  const why = reasons.length === 0 ? 'it has no engine' : reasons.join('; ')
  throw fail('fleet.nothingCan', { host: host.name, why })
}
