import { fail } from '@flotilla/protocol'
import type { HostEntry } from '../fleet/host-entry.ts'

/** CONFLICT where a host takes no new containers: who wants that, since when, why, and what to do. */
export function refuseCordoned({ name, attributes: { cordon } }: HostEntry): void {
  if (cordon === null) return
  const at = `${cordon.at.slice(0, 16).replace('T', ' ')} UTC`
  const params = { host: name, actor: cordon.actor, at }
  const field = ['hostId']
  if (cordon.reason === null) throw fail('fleet.cordoned', params, { field })
  throw fail('fleet.cordonedBecause', { ...params, reason: cordon.reason }, { field })
}
