import type { IncomingMessage, ServerResponse } from 'node:http'
import type { App, Context, RestApi } from '@flotilla/api'
import type { Actors } from '@flotilla/auth'
import { type FlotillaError, fail } from '@flotilla/protocol'
import { nodeHTTPRequestHandler } from '@trpc/server/adapters/node-http'
import { answerRest } from '../rest/rest-route.ts'
import { largestBody, largestRefused, largestUnknown, readBody, remoteAddress } from './answers.ts'
import { takeShare } from './body-shares.ts'
import { callerIsKnown } from './connections.ts'
import type { Dashboard } from './dashboard.ts'
import { documentRoute } from './document-route.ts'
import { sendHealth } from './health.ts'
import type { HttpRoute } from './http-route.ts'
import type { Shares } from '../shares.ts'
import type { IdentityRoute } from './identity-route.ts'

/** Calls in one request; the dashboard sends no more. */
const mostInBatch = 20

/** Reports of a minute that are logged. */
const mostReports = 20

export interface RouteOptions {
  app: App
  api: RestApi
  actors: Actors
  identity: IdentityRoute
  dashboard: Dashboard
  streams: Shares
  /** Why the database does not answer; undefined while it does. */
  trouble: () => FlotillaError | undefined
  bodies: Shares
}

/** Every HTTP route there is; the server answers nothing else. */
export function httpRoutes({
  app,
  api,
  actors,
  identity,
  dashboard,
  streams,
  trouble,
  bodies,
}: RouteOptions): readonly HttpRoute[] {
  const askedNow = async (request: IncomingMessage): Promise<Context> => {
    const { cookie, authorization } = request.headers
    const actor = await actors.find({ cookie, authorization })
    const key = request.headers['idempotency-key']
    const operationId = typeof key === 'string' && /^[A-Za-z0-9_-]{8,64}$/.test(key) ? key : undefined
    return { app, actor, remoteAddress: remoteAddress(request), operationId }
  }
  const contextOf = async (request: IncomingMessage, response: ServerResponse): Promise<Context> => {
    const context = await askedNow(request)
    if (context.actor !== null) callerIsKnown(request, response)
    return context
  }
  return [
    {
      methods: ['GET', 'HEAD'],
      path: '/healthz',
      access: 'public',
      answer: (_request, response) => sendHealth(response, trouble()),
    },
    documentRoute(app, api),
    {
      methods: ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'],
      path: '/api/v1/*',
      access: 'by-procedure',
      answer: async (request, response, url) => {
        const again = () => askedNow(request)
        await answerRest({ api, request, response, url, again, streams, bodies }, await contextOf(request, response))
      },
    },
    trpcRoute(app, api, bodies, contextOf),
    { methods: ['POST'], path: '/api/auth/sign-in/email', access: 'public', answer: (q, r) => identity.signIn(q, r) },
    { methods: ['POST'], path: '/api/auth/sign-out', access: 'public', answer: (q, r) => identity.signOut(q, r) },
    { methods: ['GET'], path: '/api/auth/get-session', access: 'public', answer: (q, r) => identity.session(q, r) },
    {
      methods: ['POST'],
      path: '/api/csp-report',
      access: 'public',
      answer: takeReports(app),
    },
    {
      methods: ['GET', 'HEAD'],
      path: '/*',
      access: 'public',
      answer: async (request, response, url) => {
        if (url.pathname.startsWith('/api/')) throw fail('request.noRoute')
        await dashboard.answer(request, response, url.pathname)
      },
    },
  ]
}

type ContextOf = (request: IncomingMessage, response: ServerResponse) => Promise<Context>

function trpcRoute(app: App, api: RestApi, bodies: Shares, contextOf: ContextOf): HttpRoute {
  return {
    methods: ['GET', 'POST'],
    path: '/api/trpc/*',
    access: 'by-procedure',
    answer: async (request, response, url) => {
      const path = url.pathname.slice('/api/trpc/'.length)
      const context = await contextOf(request, response)
      const maxBodySize = largestBodyOf(context, api, path)
      if (context.actor !== null) takeShare(bodies, context.actor.userId, { request, response }, maxBodySize)
      await nodeHTTPRequestHandler({
        router: api.router,
        req: request,
        res: response,
        path,
        createContext: () => Promise.resolve(context),
        maxBodySize,
        maxBatchSize: mostInBatch,
        onError: ({ error, path }) => {
          if (error.code !== 'INTERNAL_SERVER_ERROR') return
          app.log.error({ err: error.cause ?? error, path }, 'a procedure failed')
        },
      })
    },
  }
}

/** How much is read before the rights are looked at: little, where they are lacking. */
function largestBodyOf(context: Context, api: RestApi, path: string): number {
  if (context.actor === null) return largestUnknown
  return api.mayCall(context, path.split(',')) ? largestBody : largestRefused
}

/**
 * Browsers send reports as a type of their own. Anybody may, and anything: the start of what comes is logged as text, which
 * nobody parses, and of a minute's reports no more than the first few.
 */
function takeReports(app: App): HttpRoute['answer'] {
  let [minute, logged] = [0, 0]
  return async (request, response) => {
    const report = (await readBody(request, largestUnknown)).toString().slice(0, 2000)
    const now = Math.floor(performance.now() / 60_000)
    if (now !== minute) [minute, logged] = [now, 0]
    logged += 1
    if (logged <= mostReports) {
      app.log.warn({ report, remote: remoteAddress(request) }, 'a page broke its content security policy')
    }
    response.writeHead(204)
    response.end()
  }
}

/** The route of a request; a path that has one for other methods only is told apart. */
export function findRoute(routes: readonly HttpRoute[], method: string, pathname: string): HttpRoute {
  const fitting = routes.filter(({ path }) =>
    path.endsWith('/*') ? pathname.startsWith(path.slice(0, -1)) : path === pathname,
  )
  const [first] = fitting
  const route = first?.methods.includes(method) === true ? first : undefined
  if (route !== undefined) return route
  throw fail('request.noMethod', { method })
}
