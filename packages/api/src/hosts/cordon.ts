import { FlotillaError } from '@flotilla/protocol'
import type { HostEntry } from '../fleet/host-entry.ts'

/** CONFLICT where a host takes no new containers: who wants that, since when, why, and what to do. */
export function refuseCordoned({ name, attributes: { cordon } }: HostEntry): void {
  if (cordon === null) return
  const at = `${cordon.at.slice(0, 16).replace('T', ' ')} UTC`
  const because = cordon.reason === null ? '' : `, because of: ${cordon.reason}`
  throw new FlotillaError(
    'CONFLICT',
    `The host ${name} takes no new containers: ${cordon.actor} cordoned it on ${at}${because}. ` +
      'Choose another host, or have an owner or admin uncordon it.',
  )
}
