import { type Duplex, duplexPair } from 'node:stream'

/** Two ends in one process: what is written to one is read from the other, and the end of one is the other's end. */
export function memoryPair(): [Duplex, Duplex] {
  const [left, right] = duplexPair()
  endTogether(left, right)
  endTogether(right, left)
  return [left, right]
}

function endTogether(one: Duplex, other: Duplex): void {
  one.once('close', () => {
    if (!other.readableEnded && !other.destroyed) other.push(null)
  })
}
