import type { ServerResponse } from 'node:http'
import { once } from 'node:events'
import {
  auditStream,
  coerceQuery,
  type Context,
  type Matched,
  requireAccess,
  type StreamFormat,
  withoutObjects,
} from '@flotilla/api'
import { fail, FlotillaError, toFlotillaError } from '@flotilla/protocol'
import { largestBody, largestRefused, readJson, sendJson } from '../http/answers.ts'
import { takeShare } from '../http/body-shares.ts'
import { answerBytes } from './answer-bytes.ts'
import type { RestRequest } from './rest-request.ts'
import { StandingRight } from './standing-right.ts'

const types: Record<StreamFormat, string> = {
  ndjson: 'application/x-ndjson',
  text: 'text/plain; charset=utf-8',
}

/** Answers everything below /api/v1. */
export async function answerRest(asked: RestRequest, ctx: Context): Promise<void> {
  const { api, request, response, url } = asked
  const path = url.pathname.slice('/api/v1'.length)
  const matched = api.match(request.method ?? 'GET', path)
  if (matched === null) {
    throw fail('request.noApiRoute')
  }
  if (matched.kind === 'stream') return answerStream(asked, ctx, matched)
  if (matched.kind === 'bytes') return answerBytes(asked, ctx, matched)
  const body = request.method === 'GET' ? undefined : await bodyOf(asked, ctx, matched.route.procedure)
  sendJson(response, 200, await api.call(ctx, matched, url.searchParams, body))
}

/** Of somebody unknown nothing is read, and of who may not make the call as much as the audit asks for. */
async function bodyOf(asked: RestRequest, { actor, ...ctx }: Context, procedure: string): Promise<unknown> {
  const { api, request, bodies } = asked
  const isAllowed = api.mayCall({ ...ctx, actor }, [procedure])
  const most = isAllowed ? largestBody : largestRefused
  if (actor !== null) takeShare(bodies, actor.userId, asked, most)
  if (isAllowed) return readJson(request, most)
  return actor === null ? undefined : readJson(request, most).catch(() => undefined)
}

async function answerStream(
  { request, response, url, again, streams }: RestRequest,
  ctx: Context,
  { route, params }: Extract<Matched, { kind: 'stream' }>,
): Promise<void> {
  const action = `stream.${route.path.split('/').at(-1) ?? ''}`
  try {
    requireAccess(ctx.app.policy, ctx.actor, route.access)
  } catch (error) {
    if (ctx.actor !== null) await auditStream(ctx, action, params['id'] ?? '', 'refused', toFlotillaError(error).code)
    throw error
  }
  const { actor } = ctx
  if (actor === null) throw fail('access.unknownCaller')
  const input = route.input.parse({ ...coerceQuery(route.input, url.searchParams), ...params })
  const wantsText = (request.headers.accept ?? '').includes('text/plain')
  const format: StreamFormat = wantsText && route.formats.includes('text') ? 'text' : 'ndjson'
  const release = streams.take(actor.userId)
  const abort = new AbortController()
  const onClose = () => abort.abort()
  response.once('close', onClose)
  let ended: FlotillaError | undefined
  const right = new StandingRight({
    ...{ access: route.access, again },
    withdrawn: (error) => {
      ended = error
      abort.abort()
    },
  })
  try {
    const { items, recheck } = route.open({ ...ctx, actor }, input, format, abort.signal)
    right.opened(recheck)
    for await (const piece of items) {
      if (abort.signal.aborted) break
      if (!response.headersSent) begin(response, types[format])
      if (piece !== '' && !response.write(piece)) await drained(response, abort.signal)
    }
    if (ended !== undefined) throw ended
    if (!response.headersSent) begin(response, types[format])
    response.end()
  } catch (error) {
    // Whoever went away needs no answer; after the first line a failure can only be told by a cut connection.
    if (abort.signal.aborted && response.headersSent) response.destroy()
    else if (!response.destroyed) throw FlotillaError.fromInfo(withoutObjects(toFlotillaError(ended ?? error).toInfo()))
  } finally {
    release()
    right.end()
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
