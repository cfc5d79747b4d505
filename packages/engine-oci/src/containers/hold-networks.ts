import { fail } from '@flotilla/protocol'
import type { Context } from './context.ts'

/** One at a time for each network: somebody's coming onto it, until a record names it, and its removal. */
export function inNetworkTurn<T>(
  { locks }: Context,
  id: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  return locks.run(`network:${id}`, signal, work)
}

/** Runs `work`, which writes a record that names these networks, while none of them can be removed. Throws NOT_FOUND where one is gone. */
export function holdNetworks<T>(
  context: Context,
  ids: readonly string[],
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  // In one order for everybody, or else two could wait for each other.
  const [first, ...rest] = [...new Set(ids)].sort()
  if (first === undefined) return work()
  return inNetworkTurn(context, first, signal, () => {
    if (context.networks.definitions.get(first) === undefined) throw fail('network.notFound', { ref: first })
    return holdNetworks(context, rest, signal, work)
  })
}
