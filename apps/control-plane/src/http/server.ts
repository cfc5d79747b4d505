import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Duplex } from 'node:stream'
import type { Logger } from '@flotilla/log'
import { errorTable, fail, toFlotillaError } from '@flotilla/protocol'
import { noteAddress, sendError } from './answers.ts'
import { boundArrival, defaultArrivalMs } from './arrival.ts'
import { boundDeparture } from './departure.ts'
import { type ConnectionLimits, Connections, requestCame, wasUpgraded } from './connections.ts'
import type { HttpRoute } from './http-route.ts'
import { findRoute } from './routes.ts'
import type { OriginPolicy } from './origin-policy.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { packAnswer } from './pack-answer.ts'
import { refuseSocket } from './refuse-socket.ts'
import { setSecurityHeaders } from './security-headers.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

/** One path at which a connection may be upgraded to a WebSocket. */
export interface UpgradeRoute {
  readonly path: string
  /** A browser's socket shows its page's origin, which must be ours; a program's shows none, and may not. */
  readonly from: 'browser' | 'program'
  /** Who is let in, for the inventory: somebody signed in by cookie, or an agent by its key. */
  readonly access: 'signed-in' | 'agent-key'
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>
}

export interface HttpServerOptions {
  routes: readonly HttpRoute[]
  upgrades: readonly UpgradeRoute[]
  policy: OriginPolicy
  tls: { cert: string; key: string } | null
  log: Logger
  /** See `boundArrival`; tests alone shorten it. */
  arrivalMs?: number | undefined
  /** Tests alone set them. */
  limits?: Partial<ConnectionLimits> | undefined
  proxies: TrustedProxies
}

/** What a request's head has in milliseconds, and how often that is looked at. */
const headMs = 20_000
const headCheckMs = 2000

/** The one port. Every request passes the Host and Origin checks before its route, and every answer has the headers. */
export function createHttpServer(options: HttpServerOptions): Server {
  const { routes, policy, tls, log, arrivalMs = defaultArrivalMs, proxies } = options
  const secure = tls !== null
  const handle = (request: IncomingMessage, response: ServerResponse) =>
    oneAtATime(request, response, () => begin(request, response))
  const begin = (request: IncomingMessage, response: ServerResponse) => {
    requestCame(request)
    noteAddress(request, proxies.addressOf(request))
    setSecurityHeaders(response, secure)
    boundArrival(request, response, arrivalMs)
    boundDeparture(response, arrivalMs)
    packAnswer(request, response)
    answer(request, response).catch((thrown: unknown) => {
      const error = sendError(response, thrown)
      const level = errorTable[error.code].log
      log[level]({ err: error, method: request.method, path: pathOf(request) }, 'a request failed')
    })
  }
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    policy.requireHost(request)
    policy.requireOrigin(request)
    const url = urlOf(request)
    await findRoute(routes, request.method ?? 'GET', url.pathname).answer(request, response, url)
  }
  const connectionsCheckingInterval = Math.min(headCheckMs, arrivalMs)
  const server =
    tls === null
      ? createServer({ connectionsCheckingInterval }, handle)
      : createSecureServer(
          { ...tls, minVersion: 'TLSv1.2', handshakeTimeout: headMs, connectionsCheckingInterval },
          handle,
        )
  new Connections((address) => proxies.isShared(address), options.limits).watch(server)
  server.headersTimeout = Math.min(headMs, arrivalMs)
  server.requestTimeout = 0 // `boundArrival` is in its place: an upload may take longer, and an answer too
  server.keepAliveTimeout = 65_000
  server.maxHeadersCount = 100
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    noteAddress(request, proxies.addressOf(request))
    socket.on('error', (error) => log.debug({ err: error }, 'a socket failed'))
    upgrade(options, request, socket, head).catch((thrown: unknown) => {
      const error = toFlotillaError(thrown)
      log[errorTable[error.code].log]({ err: error, path: pathOf(request) }, 'an upgrade was refused')
      const { http } = errorTable[error.code]
      refuseSocket(socket, `${http} ${error.code}`)
    })
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const isSlow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
    if (socket.writable) refuseSocket(socket, isSlow ? '408 Request Timeout' : '400 Bad Request')
    else socket.destroy()
  })
  return server
}

async function upgrade(
  { upgrades, policy }: HttpServerOptions,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  policy.requireHost(request)
  const path = pathOf(request)
  const route = upgrades.find((one) => one.path === path || `${one.path}/` === path)
  if (route === undefined) throw fail('request.noUpgrade')
  if (route.from === 'browser') policy.requireSocketOrigin(request)
  else if (request.headers.origin !== undefined) {
    throw fail('request.notForBrowsers')
  }
  await route.upgrade(request, socket, head)
  wasUpgraded(request)
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?')[0] ?? '/'
}

function urlOf(request: IncomingMessage): URL {
  const target = request.url ?? '/'
  if (!target.startsWith('/') || !URL.canParse(`http://localhost${target}`)) {
    throw fail('request.badAddress')
  }
  return new URL(`http://localhost${target}`)
}

/** Settles when it listens; CONFLICT where the port is taken. */
export function listen(server: Server, port: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const used = error.code === 'EADDRINUSE'
      reject(used ? fail('server.portTaken', { port }, { cause: error }) : error)
    })
    server.listen(port, address, () => {
      const bound = server.address()
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port)
    })
  })
}
