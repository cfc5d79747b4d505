import type { NetworkAttachment } from '@flotilla/protocol'
import type { Networks } from '../network/index.ts'
import type { ContainerRecord } from './record.ts'

/** The networks of a container, by their ids; the default one where none was named. */
export function attachmentsOf(
  { networks }: { networks: Pick<Networks, 'definitions'> },
  { spec }: Pick<ContainerRecord, 'spec'>,
): NetworkAttachment[] {
  if (spec.network !== 'bridge') return []
  return spec.networks ?? [{ network: networks.definitions.find('bridge').id, aliases: [] }]
}
