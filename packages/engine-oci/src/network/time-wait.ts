import { isIPv6 } from 'node:net'
import { run } from '@flotilla/host'
import type { HeldPlace } from './port-keeper.ts'

const timeoutMs = 5_000
const ending = ['time-wait', 'fin-wait-1', 'fin-wait-2', 'closing', 'last-ack'].flatMap((state) => ['state', state])

/**
 * Ends what the kernel keeps of connections that were passed on at these places, which for a minute would keep a program from
 * binding them that does not ask for SO_REUSEADDR. A kernel that cannot do that (CONFIG_INET_DIAG_DESTROY) keeps it.
 */
export async function endWaiting(places: readonly HeldPlace[]): Promise<void> {
  const filters = new Set(places.filter(({ protocol }) => protocol === 'tcp').map(filterOf))
  if (filters.size === 0) return
  const words = [...filters].flatMap((filter, at) => [...(at === 0 ? [] : ['or']), ...filter.split(' ')])
  await run(['ss', '--kill', '--tcp', '--numeric', '--no-header', ...ending, '(', ...words, ')'], { timeoutMs })
}

function filterOf({ address, port }: HeldPlace): string {
  if (address === '0.0.0.0' || address === '::') return `sport = :${port}`
  return `src ${isIPv6(address) ? `[${address}]` : address}:${port}`
}
