import type { IncomingMessage, ServerResponse } from 'node:http'
import { plainAddress } from './connections.ts'
import { type FlotillaError, errorTable, fail, toFlotillaError } from '@flotilla/protocol'

export const largestBody = 4 * 1024 * 1024
/** Of who may not make the call that comes with it, for the audit. */
export const largestRefused = 64 * 1024
/** Of somebody unknown, where the route takes anything of them. */
export const largestUnknown = 16 * 1024
const bodyMs = 30_000

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  })
  response.end(text)
}

/** The one shape of a failure, `{code, message, kind, params, field, objects}`, with the table's status. After the headers are out it can only cut off. */
export function sendError(response: ServerResponse, thrown: unknown): FlotillaError {
  const error = toFlotillaError(thrown)
  if (response.headersSent) response.destroy()
  else {
    if (error.code === 'UNAUTHENTICATED') response.setHeader('www-authenticate', 'Bearer')
    sendJson(response, errorTable[error.code].http, error.reported())
  }
  return error
}

/** A JSON body of at most 4 MiB; none is undefined. Throws INVALID_ARGUMENT, RESOURCE_EXHAUSTED or TIMEOUT. */
export async function readJson(request: IncomingMessage, most = largestBody): Promise<unknown> {
  const body = await readBody(request, most)
  if (body.length === 0) return undefined
  const type = request.headers['content-type'] ?? ''
  if (!/^application\/json\b/i.test(type)) {
    throw fail('request.notDeclaredJson')
  }
  try {
    return JSON.parse(body.toString()) as unknown
  } catch (error) {
    throw fail('request.notJson', {}, { cause: error })
  }
}

/** A body of at most so many bytes. Throws RESOURCE_EXHAUSTED or TIMEOUT. */
export async function readBody(request: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  const timer = setTimeout(() => request.destroy(fail('request.slow')), bodyMs)
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > most) {
        throw fail('request.tooLarge', { bytes: most })
      }
      chunks.push(chunk)
    }
  } finally {
    clearTimeout(timer)
  }
  return Buffer.concat(chunks)
}

const addresses = new WeakMap<IncomingMessage, string>()

/** Notes where a request comes from, once for all who ask. */
export function noteAddress(request: IncomingMessage, address: string): void {
  addresses.set(request, address)
}

/** The caller's address: the connection's, or what a trusted proxy says. */
export function remoteAddress(request: IncomingMessage): string {
  return addresses.get(request) ?? plainAddress(request.socket.remoteAddress)
}
