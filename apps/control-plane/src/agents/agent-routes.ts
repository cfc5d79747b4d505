import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type App, followHost } from '@flotilla/api'
import type { HostRow } from '@flotilla/db'
import {
  checkJoinProof,
  connect,
  joinHeaders,
  joinProof,
  type Link,
  removalHeaders,
  secure,
  signRemoval,
  webSocketDuplex,
  webSocketOptions,
} from '@flotilla/link'
import { fail, toFlotillaError } from '@flotilla/protocol'
import { type WebSocket, WebSocketServer } from 'ws'
import { remoteAddress } from '../http/answers.ts'
import { refuseSocket } from '../http/refuse-socket.ts'
import { type Secrets, joinSecret } from '../secrets.ts'

export interface AgentRouteOptions {
  app: App
  secrets: Secrets
  /** This control plane's name in the lease of a host's link. */
  holder: string
}

interface Admission {
  fingerprint: string
  /** The host of this key, or the token that lets a new one in. */
  host: HostRow | null
  tokenId: string | null
}

/**
 * Where agents come in by an outbound WebSocket. An agent shows the fingerprint of its key, and proves inside the stream
 * that it holds it; a key that is not known needs a join token's proof, once.
 */
export class AgentRoute {
  readonly #options: AgentRouteOptions
  readonly #server = new WebSocketServer({ noServer: true, ...webSocketOptions })
  readonly #links = new Set<Link>()
  #closing = false

  constructor(options: AgentRouteOptions) {
    this.#options = options
  }

  /** Answers the upgrade at /api/agent; whoever may not come in gets a status and no socket. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { log } = this.#options.app
    try {
      const admission = await this.#admit(request)
      this.#server.handleUpgrade(request, socket, head, (ws) => {
        this.#serve(ws, admission).catch((error: unknown) => {
          log.warn({ err: toFlotillaError(error), agent: admission.fingerprint }, 'an agent was not taken in')
          ws.terminate()
        })
      })
    } catch (thrown) {
      const error = toFlotillaError(thrown)
      log.warn({ code: error.code, remote: remoteAddress(request) }, `an agent was refused: ${error.message}`)
      const removal = error.code === 'NOT_FOUND' ? this.#removal(request) : undefined
      const status = error.code === 'CONFLICT' ? '409 Conflict' : removal === undefined ? '403 Forbidden' : '410 Gone'
      refuseSocket(socket, status, removal === undefined ? '' : `${removalHeaders.proof}: ${removal}\r\n`)
    }
  }

  close(): void {
    this.#closing = true
    for (const link of this.#links) link.close()
    for (const client of this.#server.clients) client.terminate()
    this.#server.close()
  }

  /** Our signed word that this agent is not known here, for which it stops dialling. */
  #removal(request: IncomingMessage): string | undefined {
    const [fingerprint, nonce] = [header(request, joinHeaders.agent), header(request, removalHeaders.nonce)]
    if (fingerprint === undefined || nonce === undefined || !/^[0-9a-f]{32}$/.test(nonce)) return undefined
    return signRemoval(this.#options.secrets.identity, fingerprint, nonce)
  }

  async #admit(request: IncomingMessage): Promise<Admission> {
    const refused = fail('join.unknownAgent')
    const fingerprint = header(request, joinHeaders.agent)
    if (fingerprint === undefined || !/^[0-9a-f]{64}$/.test(fingerprint)) throw refused
    const { app, secrets } = this.#options
    const host = await app.db.hosts.findByFingerprint(fingerprint)
    if (host !== null) {
      if (app.gateway.linkOf(host.id) !== undefined) {
        throw fail('join.linkedAlready', { host: host.name })
      }
      return { fingerprint, host, tokenId: null }
    }
    const tokenId = header(request, joinHeaders.join)
    const proof = header(request, joinHeaders.proof)
    if (tokenId === undefined && proof === undefined) {
      throw fail('join.removedAgent')
    }
    if (tokenId === undefined || proof === undefined || !/^[A-Za-z0-9_-]{1,64}$/.test(tokenId)) throw refused
    const expected = joinProof(joinSecret(secrets, tokenId), fingerprint, secrets.identity.fingerprint)
    if (!checkJoinProof(proof, expected) || (await app.db.joinTokens.peek(tokenId)) === null) throw refused
    return { fingerprint, host: null, tokenId }
  }

  async #serve(ws: WebSocket, admission: Admission): Promise<void> {
    const { app, secrets, holder } = this.#options
    const trust = (fingerprint: string) => fingerprint === admission.fingerprint
    const duplex = await secure(webSocketDuplex(ws), { side: 'client', identity: secrets.identity, trust })
    const link = await connect(duplex, { hello: { version: app.version, name: 'control plane' } })
    this.#links.add(link)
    try {
      if (this.#closing) return
      const host = admission.host ?? (await this.#join(admission, link))
      app.index.addHost(host)
      const { db, index, gateway, log } = app
      await followHost({ hostId: host.id, link, db, index, gateway, log, holder })
    } finally {
      link.close()
      this.#links.delete(link)
    }
  }

  /** Uses the token up and pins the key; of several that come with one token, the first. */
  async #join({ fingerprint, tokenId }: Admission, link: Link): Promise<HostRow> {
    const { app } = this.#options
    const scope = tokenId === null ? null : await app.db.joinTokens.use(tokenId)
    if (tokenId === null || scope === null) throw fail('join.tokenSpent')
    const name = link.peer.name.replace(/[^A-Za-z0-9_.-]/g, '-').slice(0, 100) || 'host'
    const host = await app.db.hosts.create(scope, { name, transport: 'websocket', fingerprint, address: null })
    await app.db.joinTokens.usedBy(scope, tokenId, host.id)
    await app.db.audit.append(scope, {
      actorId: null,
      actorName: 'join token',
      action: 'hosts.join',
      target: host.name,
      hostId: host.id,
      outcome: 'succeeded',
      code: null,
      remoteAddress: '',
      operationId: null,
    })
    return host
  }
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}
