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

/** A network that was found, as the caller named it. */
export interface NamedNetwork {
  id: string
  ref: string
}

/** Runs `work`, which writes a record that names these networks, while none of them can be removed. Throws NOT_FOUND where one is gone. */
export function holdNetworks<T>(
  context: Context,
  networks: readonly NamedNetwork[],
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  // In one order for everybody, or else two could wait for each other.
  const [first, ...rest] = [...networks].sort((a, b) => (a.id < b.id ? -1 : 1))
  if (first === undefined) return work()
  return inNetworkTurn(context, first.id, signal, () => {
    if (context.networks.definitions.get(first.id) === undefined) throw fail('network.notFound', { ref: first.ref })
    return holdNetworks(context, rest, signal, work)
  })
}
