import type { IncomingMessage, ServerResponse } from 'node:http'
import { once } from 'node:events'
import {
  type Context,
  type Matched,
  type StreamFormat,
  callRoute,
  coerceQuery,
  matchRoute,
  requireAccess,
} from '@flotilla/api'
import { auditStream } from '@flotilla/api'
import { FlotillaError, toFlotillaError } from '@flotilla/protocol'
import { readJson, sendJson } from '../http/answers.ts'

const reconsiderMs = 1000
const types: Record<StreamFormat, string> = {
  ndjson: 'application/x-ndjson',
  text: 'text/plain; charset=utf-8',
}

/** Answers everything below /api/v1. `again` looks the caller up once more, for streams that outlive a right. */
export async function answerRest(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  ctx: Context,
  again: () => Promise<Context>,
): Promise<void> {
  const path = url.pathname.slice('/api/v1'.length)
  const matched = matchRoute(request.method ?? 'GET', path)
  if (matched === null) {
    throw new FlotillaError('NOT_FOUND', 'There is no such route. The document at /api/v1/openapi.json lists them all.')
  }
  if (matched.kind === 'stream') return answerStream({ request, response, url }, ctx, again, matched)
  const body = request.method === 'GET' ? undefined : await readJson(request)
  sendJson(response, 200, await callRoute(ctx, matched, url.searchParams, body))
}

async function answerStream(
  { request, response, url }: { request: IncomingMessage; response: ServerResponse; url: URL },
  ctx: Context,
  again: () => Promise<Context>,
  { route, params }: Extract<Matched, { kind: 'stream' }>,
): Promise<void> {
  const action = `stream.${route.path.split('/').at(-1) ?? ''}`
  try {
    requireAccess(ctx.actor, route.access)
  } catch (error) {
    if (ctx.actor !== null) await auditStream(ctx, action, params['id'] ?? '', 'refused', toFlotillaError(error).code)
    throw error
  }
  const { actor } = ctx
  if (actor === null) throw new FlotillaError('UNAUTHENTICATED', 'Sign in first, or send an API key.')
  const input = route.input.parse({ ...coerceQuery(route.input, url.searchParams), ...params })
  const wantsText = (request.headers.accept ?? '').includes('text/plain')
  const format: StreamFormat = wantsText && route.formats.includes('text') ? 'text' : 'ndjson'
  const abort = new AbortController()
  const onClose = () => abort.abort()
  response.once('close', onClose)
  let ended: FlotillaError | undefined
  const timer = setInterval(() => {
    again()
      .then((now) => requireAccess(now.actor, route.access))
      .catch((error: unknown) => {
        ended = toFlotillaError(error)
        abort.abort()
      })
  }, reconsiderMs)
  try {
    for await (const piece of route.open({ ...ctx, actor }, input, format, abort.signal)) {
      if (abort.signal.aborted) break
      if (!response.headersSent) begin(response, types[format])
      if (piece !== '' && !response.write(piece)) await drained(response, abort.signal)
    }
    if (!response.headersSent) begin(response, types[format])
    if (ended === undefined) response.end()
    else response.destroy()
  } catch (error) {
    // Whoever went away needs no answer; after the first line a failure can only be told by a cut connection.
    if (ended !== undefined || (abort.signal.aborted && response.headersSent)) response.destroy()
    else if (!response.destroyed) throw error
  } finally {
    clearInterval(timer)
    response.off('close', onClose)
    abort.abort()
  }
}

function begin(response: ServerResponse, type: string): void {
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
  response.flushHeaders()
}

/** While the reader is slow nothing more is read from the host. */
async function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  await once(response, 'drain', { signal })
}
