import type { IncomingMessage, ServerResponse } from 'node:http'
import { fail } from '@flotilla/protocol'
import { sendError } from './answers.ts'

/** What a request has in milliseconds until it has arrived whole, and an upload for each of its pieces. */
export const defaultArrivalMs = 60_000

/** How long after its answer the rest of a body may still come that nobody reads. */
const lingerMs = 2000

const uploads = new WeakSet<IncomingMessage>()
const bounds = new WeakMap<IncomingMessage, { ms: number; timer: NodeJS.Timeout; restart: () => void }>()

/**
 * Gives a request so long until its body is here, whoever sends it and whether it was answered meanwhile: one that is late is
 * told, where nothing was said yet, and its connection is closed. `arrivingBytes` alone takes this bound off.
 */
export function boundArrival(request: IncomingMessage, response: ServerResponse, ms: number): void {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers
  if (length === '0' && encoding === undefined) return
  const { socket } = request
  const cut = () => {
    if (request.complete || socket.destroyed) return
    if (response.headersSent) return void socket.destroy()
    endConnection(response)
    sendError(response, fail('request.slow'))
  }
  const begin = () => setTimeout(cut, ms).unref()
  const bound = { ms, timer: begin(), restart: () => (bound.timer = begin()) }
  bounds.set(request, bound)
  request.once('end', () => clearTimeout(bound.timer))
  // Of an answer that came before the body Node would read all the rest, only to throw it away.
  response.once('prefinish', () => {
    if (request.complete || uploads.has(request)) return
    request.pause()
    request.read()
    clearTimeout(bound.timer)
    bound.timer = setTimeout(cut, Math.min(lingerMs, ms)).unref()
  })
  request.once('close', () => {
    if (request.complete || socket.destroyed) clearTimeout(bound.timer)
  })
}

/**
 * The body of an upload, which may take as long as it needs while it goes on: TIMEOUT where for the time of a whole request no
 * byte of it came. Only the time is counted in which somebody waits for bytes. To be asked for when the caller is known and may.
 * What is left of it at the end has the time of a whole request again.
 */
export async function* arrivingBytes(request: IncomingMessage, response: ServerResponse): AsyncGenerator<Uint8Array> {
  uploads.add(request)
  const bound = bounds.get(request)
  clearTimeout(bound?.timer)
  // A caller that leaves the rest unread can still be answered over the connection.
  const pieces = request.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>
  try {
    for (;;) {
      const piece = await inTime(pieces.next(), bound?.ms ?? defaultArrivalMs)
      if (piece.done === true) return
      yield piece.value
    }
  } catch (error) {
    endConnection(response)
    throw error
  } finally {
    if (!request.complete) {
      bound?.restart()
      request.resume()
    }
  }
}

async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(fail('request.stalled', { seconds: Math.round(ms / 1000) })), ms)
  })
  work.catch(() => {}) // of a wait that is given up nobody hears
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** After an answer to half a request the rest of it must not be taken for the next one. */
function endConnection(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close')
}
