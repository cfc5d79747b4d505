import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'

/** How long who reads an answer of bytes may take nothing of it, in milliseconds. */
const defaultDepartureMs = 60_000

const bounds = new WeakMap<ServerResponse, number>()

/** Gives who reads an answer another time than the usual one to take a part of it. */
export function boundDeparture(response: ServerResponse, ms: number): void {
  bounds.set(response, ms)
}

/**
 * Waits until what was written has left for its reader, however slow. Where for the time of a whole request nothing of it does,
 * `abort` is: what the answer holds elsewhere is let go, and nobody is there to be told why.
 */
export async function departed(response: ServerResponse, abort: AbortController): Promise<void> {
  const ms = bounds.get(response) ?? defaultDepartureMs
  let [left, since] = [bytesLeft(response), performance.now()]
  const look = () => {
    const [bytes, now] = [bytesLeft(response), performance.now()]
    if (bytes !== left) [left, since] = [bytes, now]
    else if (now - since >= ms) abort.abort()
  }
  const timer = setInterval(look, ms / 10)
  try {
    await once(response, 'drain', { signal: abort.signal })
  } finally {
    clearInterval(timer)
  }
}

const bytesLeft = ({ socket }: ServerResponse): number =>
  socket === null ? 0 : socket.bytesWritten - socket.writableLength
