import { coerceQuery, type Context, type Matched, requireAccess, requireBytes } from '@flotilla/api'
import { fail, FlotillaError } from '@flotilla/protocol'
import { sendJson } from '../http/answers.ts'
import { arrivingBytes } from '../http/arrival.ts'
import type { RestRequest } from './rest-request.ts'
import { sendBytes } from './send-bytes.ts'
import { StandingRight } from './standing-right.ts'

/** Answers a route whose body or answer is bytes. It ends within two seconds of the right's withdrawal, and where its reader stalls. */
export async function answerBytes(
  { request, response, url, again, streams }: RestRequest,
  ctx: Context,
  { route, params }: Extract<Matched, { kind: 'bytes' }>,
): Promise<void> {
  requireAccess(ctx.app.policy, ctx.actor, route.access)
  const { actor } = ctx
  if (actor === null) throw fail('access.signInFirst')
  const input = { ...coerceQuery(route.input, url.searchParams), ...params }
  const release = streams.take(actor.userId)
  const abort = new AbortController()
  const onClose = () => abort.abort()
  response.once('close', onClose)
  const { signal } = abort
  const right = new StandingRight({ access: route.access, again, withdrawn: (error) => abort.abort(error) })
  try {
    if (route.isUpload) {
      requireBytes(request.headers['content-type'])
      const sent = { body: arrivingBytes(request, response), signal, opened: right.opened }
      sendJson(response, 200, await route.upload({ ...ctx, actor }, input, sent))
    } else {
      const [last = ''] = String(input['path'] ?? '')
        .split('/')
        .slice(-1)
      const name = `${last === '' ? 'download' : last}${input['as'] === 'tar' ? '.tar' : ''}`
      const { items, recheck } = route.download({ ...ctx, actor }, input, signal)
      right.opened(recheck)
      await sendBytes(response, items, name, abort)
    }
  } catch (error) {
    // After the first byte a failure can only be told by a cut connection; whoever went away needs no answer.
    if (response.headersSent || response.destroyed) response.destroy()
    else throw signal.reason instanceof FlotillaError ? signal.reason : error
  } finally {
    release()
    right.end()
    response.off('close', onClose)
    abort.abort()
  }
}
