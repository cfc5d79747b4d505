import { orAborted } from '@flotilla/async'

/** A stream and its first bytes: so many, or as many as it has. */
export interface Peeked {
  first: Buffer
  /** All of it, the first bytes included. To be read or returned once. */
  all: AsyncIterableIterator<Uint8Array>
}

/** Looks at how a stream begins. Throws what it throws, and the signal's reason where that comes first. */
export async function peek(source: AsyncIterable<Uint8Array>, bytes: number, signal: AbortSignal): Promise<Peeked> {
  const iterator = source[Symbol.asyncIterator]()
  const chunks: Uint8Array[] = []
  const read = async () => {
    let have = 0
    while (have < bytes) {
      const next = await iterator.next()
      if (next.done === true) break
      chunks.push(next.value)
      have += next.value.length
    }
  }
  try {
    await orAborted(read(), signal)
  } catch (error) {
    // Not awaited: a source that is silent answers only with its next bytes.
    iterator.return?.(undefined).catch(() => {})
    throw error
  }
  const all: AsyncIterableIterator<Uint8Array> = {
    [Symbol.asyncIterator]: () => all,
    async next() {
      const value = chunks.shift()
      return value === undefined ? iterator.next() : { value, done: false }
    },
    async return() {
      await iterator.return?.(undefined)
      return { value: undefined, done: true }
    },
  }
  return { first: Buffer.concat(chunks).subarray(0, bytes), all }
}
