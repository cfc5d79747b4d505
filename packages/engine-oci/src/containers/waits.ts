import { longestUnderWay } from '@flotilla/host'
import { because, type Reason } from '@flotilla/protocol'
import type { Networks } from '../network/index.ts'
import type { ContainerRecord } from './record.ts'

/** As of a network's. */
const shownAfterMs = 2000

/** Whether something of a run is being made or taken away. */
const isChanging = ({ phase, run }: ContainerRecord): boolean =>
  phase === 'starting' || phase === 'removing' || (phase === 'exited' && run !== null)

/** What the change of a container that is under way waits for, if for longer than usual: its runtime, or its network; cheap. */
export function waitOf({ networks }: { networks: Pick<Networks, 'wait'> }, record: ContainerRecord): Reason | null {
  if (!isChanging(record)) return null
  const found = longestUnderWay(shownAfterMs, ({ about }) => about === record.id)
  if (found !== undefined) {
    const since = `${found.since.toISOString().slice(0, 19).replace('T', ' ')} UTC`
    return because('container.waits', { what: found.what, since })
  }
  return record.spec.network === 'bridge' ? networks.wait() : null
}
