import type { PortMapping } from '@flotilla/protocol'
import { samePort } from './published-ports.ts'

/**
 * For each port that is asked for the one of those there that is meant, each of which stands for one alone: first for those asked
 * for by their host ports, then for those that any will do for. Undefined where none is left.
 */
export function pairPorts(asked: readonly PortMapping[], there: readonly PortMapping[]): (PortMapping | undefined)[] {
  const left = [...there]
  const pairs: (PortMapping | undefined)[] = asked.map(() => undefined)
  for (const isNamed of [true, false]) {
    for (const [at, port] of asked.entries()) {
      if (port.hostPort > 0 !== isNamed) continue
      const found = left.findIndex((each) => samePort(each, port))
      if (found >= 0) [pairs[at]] = left.splice(found, 1)
    }
  }
  return pairs
}
