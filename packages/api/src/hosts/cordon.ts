import { fail } from '@flotilla/protocol'
import type { HostEntry } from '../fleet/host-entry.ts'

/** CONFLICT where a host takes no new containers: who wants that, since when, why, and what to do. */
export function refuseCordoned({ name, attributes: { cordon } }: HostEntry): void {
  if (cordon === null) return
  const at = `${cordon.at.slice(0, 16).replace('T', ' ')} UTC`
  const reported = { host: name, actor: cordon.actor, at }
  const field = { field: ['hostId'] }
  throw cordon.reason === null
    ? fail('fleet.cordoned', reported, field)
    : fail('fleet.cordonedBecause', { ...reported, reason: cordon.reason }, field)
}
