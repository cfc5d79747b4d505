import { fail } from '@flotilla/protocol'
import type { HostEntry } from '../fleet/host-entry.ts'

/** CONFLICT where a host takes no new containers: who wants that, since when, why, and what to do. */
export function refuseCordoned({ name, attributes: { cordon } }: HostEntry): void {
  if (cordon === null) return
  const at = `${cordon.at.slice(0, 16).replace('T', ' ')} UTC`
  const told = { host: name, actor: cordon.actor, at }
  const field = { field: ['hostId'] }
  throw cordon.reason === null
    ? fail('fleet.cordoned', told, field)
    : fail('fleet.cordonedBecause', { ...told, reason: cordon.reason }, field)
}
