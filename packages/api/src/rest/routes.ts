import { fail, type Registry, registry, toFlotillaError } from '@flotilla/protocol'
import { TRPCError } from '@trpc/server'
import { z } from 'zod'
import { type Access, isAllowed } from '../access.ts'
import type { Context } from '../context.ts'
import type { AppRouter } from '../router.ts'
import { type ProcedureMeta, createCallerFactory } from '../trpc.ts'
import { coerceQuery } from './coerce.ts'
import { type ByteRoute, byteRoutes } from './byte-routes.ts'
import { type StreamingRoute, streamingRoutes } from './streaming-routes.ts'
import { refuseUnknownFields } from './unknown-fields.ts'

/** One REST route of a procedure. */
export interface UnaryRoute {
  readonly method: string
  readonly path: string
  /** `containers.start` */
  readonly procedure: string
  readonly access: Access
  readonly input: z.ZodType
}

/** Every procedure by its name, with the permission it declares. */
export function listProcedures(
  router: AppRouter,
): { name: string; type: string; meta: ProcedureMeta | undefined; input: z.ZodType }[] {
  // tRPC keeps them flat by their whole name at run time, which its types do not say.
  const procedures = router._def.procedures as unknown as Record<string, BuiltProcedure>
  return Object.entries(procedures).map(([name, { _def: def }]) => {
    const [input] = def.inputs
    return { name, type: def.type, meta: def.meta, input: input instanceof z.ZodType ? input : z.object({}) }
  })
}

interface BuiltProcedure {
  _def: { meta?: ProcedureMeta; type: string; inputs: unknown[] }
}

/** The REST routes of a router's procedures. */
export function unaryRoutes(router: AppRouter): readonly UnaryRoute[] {
  return listProcedures(router).flatMap(({ name, meta, input }) =>
    meta?.openapi === undefined
      ? []
      : [{ method: meta.openapi.method, path: meta.openapi.path, procedure: name, access: meta.access, input }],
  )
}

export type Matched =
  | { kind: 'unary'; route: UnaryRoute; params: Record<string, string> }
  | { kind: 'stream'; route: StreamingRoute; params: Record<string, string> }
  | { kind: 'bytes'; route: ByteRoute; params: Record<string, string> }

/** Finds the route of a path below /api/v1. Literal segments win over parameters. Null: there is none. */
function matchRoute(
  { unary, bytes }: { unary: readonly UnaryRoute[]; bytes: readonly ByteRoute[] },
  method: string,
  pathname: string,
): Matched | null {
  const segments = pathname.split('/').filter((segment) => segment !== '')
  let best: { matched: Matched; literals: number } | null = null
  const consider = (path: string, make: (params: Record<string, string>) => Matched) => {
    const found = matchPath(path, segments)
    if (found !== null && (best === null || found.literals > best.literals)) {
      best = { matched: make(found.params), literals: found.literals }
    }
  }
  for (const route of unary) {
    if (route.method === method) consider(route.path, (params) => ({ kind: 'unary', route, params }))
  }
  for (const route of streamingRoutes) {
    if (route.method === method) consider(route.path, (params) => ({ kind: 'stream', route, params }))
  }
  for (const route of bytes) {
    if (route.method === method) consider(route.path, (params) => ({ kind: 'bytes', route, params }))
  }
  return (best as { matched: Matched } | null)?.matched ?? null
}

function matchPath(
  path: string,
  segments: readonly string[],
): { params: Record<string, string>; literals: number } | null {
  const parts = path.split('/').filter((part) => part !== '')
  if (parts.length !== segments.length) return null
  const params: Record<string, string> = {}
  let literals = 0
  for (const [at, part] of parts.entries()) {
    const segment = segments[at] ?? ''
    if (part.startsWith('{')) params[part.slice(1, -1)] = decode(segment)
    else if (part === segment) literals += 1
    else return null
  }
  return { params, literals }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch (error) {
    throw fail('request.badEscape', {}, { cause: error })
  }
}

/** Calls a procedure as REST does: query or body, and the path's own parameters over both. Throws FlotillaError. */
async function callRoute(
  caller: unknown,
  { route, params }: Extract<Matched, { kind: 'unary' }>,
  query: URLSearchParams,
  body: unknown,
): Promise<unknown> {
  if (body !== undefined && (typeof body !== 'object' || body === null || Array.isArray(body))) {
    throw fail('request.notObject')
  }
  refuseUnknownFields(route.input, body)
  const input = { ...coerceQuery(route.input, query), ...body, ...params }
  let target: unknown = caller
  for (const name of route.procedure.split('.')) target = (target as Record<string, unknown>)[name]
  try {
    return await (target as (input: unknown) => Promise<unknown>)(input)
  } catch (error) {
    throw toFlotillaError(error instanceof TRPCError ? (error.cause ?? error) : error)
  }
}

/** The REST interface of a router: finds routes and calls what stands behind them. */
export interface RestApi {
  readonly router: AppRouter
  readonly bytes: readonly ByteRoute[]
  /** Whether the caller may call all of these procedures, as far as it can be told without their inputs. */
  mayCall(ctx: Context, procedures: readonly string[]): boolean
  match(method: string, pathname: string): Matched | null
  call(
    ctx: Context,
    matched: Extract<Matched, { kind: 'unary' }>,
    query: URLSearchParams,
    body: unknown,
  ): Promise<unknown>
}

export function createRestApi(router: AppRouter, nouns: Registry = registry): RestApi {
  const unary = unaryRoutes(router)
  const bytes = byteRoutes(nouns)
  const createCaller = createCallerFactory(router)
  const accesses = new Map(listProcedures(router).map(({ name, meta }) => [name, meta?.access]))
  const may = ({ app, actor }: Context, access: Access | undefined) =>
    access === 'public' ||
    (access !== undefined && actor !== null && (access === 'signed-in' || isAllowed(app.policy, actor, access)))
  return {
    router,
    bytes,
    mayCall: (ctx, procedures) => procedures.every((name) => may(ctx, accesses.get(name))),
    match: (method, pathname) => matchRoute({ unary, bytes }, method, pathname),
    call: (ctx, matched, query, body) => callRoute(createCaller(ctx), matched, query, body),
  }
}
