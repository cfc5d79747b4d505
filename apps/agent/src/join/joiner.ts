import type { Duplex } from 'node:stream'
import {
  isRemoval,
  joinHeaders,
  joinProof,
  type JoinToken,
  type LinkSession,
  removalHeaders,
  removalNonce,
  secure,
  serve,
  type ServeOptions,
  webSocketDuplex,
  webSocketOptions,
} from '@flotilla/link'
import type { Logger } from '@flotilla/log'
import { FlotillaError, fail } from '@flotilla/protocol'
import { WebSocket } from 'ws'
import type { IdentityStore } from './identity-store.ts'

export interface JoinerOptions {
  store: IdentityStore
  serve: ServeOptions
  log: Logger
}

/** Dials a control plane once and serves it. With a token the key that the token names is pinned when both sides agree. */
export async function dial(
  url: string,
  fingerprint: string,
  options: JoinerOptions,
  token?: JoinToken,
): Promise<LinkSession> {
  const { store } = options
  const address = `${url.replace(/^http/, 'ws').replace(/(?<!\/)\/+$/, '')}/api/agent`
  const nonce = removalNonce()
  const agent = store.identity.fingerprint
  const headers: Record<string, string> = { [joinHeaders.agent]: agent, [removalHeaders.nonce]: nonce }
  if (token !== undefined) {
    headers[joinHeaders.join] = token.id
    headers[joinHeaders.proof] = joinProof(token.secret, agent, fingerprint)
  }
  // The certificate of the web server is not what counts: the key inside the stream is pinned.
  const socket = new WebSocket(address, {
    ...webSocketOptions,
    headers,
    handshakeTimeout: 10_000,
    rejectUnauthorized: false,
  })
  const bytes = await new Promise<Duplex>((resolve, reject) => {
    // At once: the other side begins, and what it says may have come together with its answer.
    socket.once('open', () => resolve(webSocketDuplex(socket)))
    socket.once('unexpected-response', (_request, response) => {
      socket.terminate()
      const said = response.headers[removalHeaders.proof]
      const isRemoved = typeof said === 'string' && isRemoval(said, { controlPlane: fingerprint, agent, nonce })
      reject(isRemoved ? fail('join.removed', { url }) : refused(url, response.statusCode))
    })
    socket.once('error', (error) => reject(fail('join.unreachable', { url, why: error.message }, { cause: error })))
  })
  const trust = (theirs: string) => theirs === fingerprint
  const duplex = await secure(bytes, { side: 'server', identity: store.identity, trust })
  const session = serve(duplex, options.serve)
  if (token !== undefined) await store.pin({ url, fingerprint, joinedAt: new Date().toISOString() })
  return session
}

function refused(url: string, status: number | undefined): FlotillaError {
  return fail('join.refused', { url, status: status ?? 'no status' })
}

/**
 * Keeps a link to a control plane until the signal aborts: tries again after 1 to 30 s, at random within them. Ends, and
 * forgets the control plane, where that has removed this host. The agent itself goes on: it looks after the containers.
 */
export async function keep(
  url: string,
  fingerprint: string,
  options: JoinerOptions,
  signal: AbortSignal,
  first?: LinkSession,
) {
  let session = first
  let waitMs = 1000
  const end = () => session?.close()
  signal.addEventListener('abort', end, { once: true })
  while (!signal.aborted) {
    try {
      session ??= await dial(url, fingerprint, options)
      if (signal.aborted) session.close()
      options.log.info({ url }, 'linked to the control plane')
      waitMs = 1000
      const reason = await session.closed
      options.log.info({ url, reason: reason.message }, 'the link to the control plane ended')
    } catch (error) {
      if (error instanceof FlotillaError && error.kind === 'join.removed') {
        await options.store.unpin(url)
        options.log.warn({ url }, error.message)
        break
      }
      options.log.warn({ err: error, url }, 'the control plane cannot be reached')
    }
    session = undefined
    await rest(waitMs * (0.5 + Math.random() / 2), signal)
    waitMs = Math.min(waitMs * 2, 30_000)
  }
  signal.removeEventListener('abort', end)
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
    if (signal.aborted) done()
  })
}
