import { beginsId, fail } from '@flotilla/protocol'
import type { Daemon } from '../daemon.ts'
import { type NetworkAnswer, NetworkListAnswer } from './network-answers.ts'
import { isMode } from './network-map.ts'

/** So many networks are named in a refusal. */
const mostNamed = 5

/** Docker's own answers of all networks but its modes. */
export async function networkAnswers(daemon: Daemon, signal: AbortSignal): Promise<NetworkAnswer[]> {
  const all = await daemon.request(NetworkListAnswer, { path: '/networks', signal })
  return all.filter((answer) => !isMode(answer))
}

/**
 * By id, name or first digits of the id that are no other's, twelve or more unless it is what Docker itself has taken. Undefined
 * where there is none. Throws CONFLICT with the candidates.
 */
export function pickNetwork(all: readonly NetworkAnswer[], ref: string, least?: number): NetworkAnswer | undefined {
  const exact = all.find(({ Id }) => Id === ref) ?? all.find(({ Name }) => Name === ref)
  if (exact !== undefined) return exact
  const found = all.filter(({ Id }) => beginsId(Id, ref, least))
  if (found.length < 2) return found[0]
  const names = found.slice(0, mostNamed).map(({ Id }) => Id.slice(0, 12))
  const objects = found.slice(0, mostNamed).map(({ Id: id }) => ({ kind: 'network', id }))
  throw fail('network.ambiguous', { ref, names: names.join(', ') }, { objects })
}
