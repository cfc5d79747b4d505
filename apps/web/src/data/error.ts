import type { ErrorCode, ErrorField, ErrorParams } from '@flotilla/protocol'
import { TRPCClientError } from '@trpc/client'

const fromTrpc: Record<string, ErrorCode> = {
  BAD_REQUEST: 'INVALID_ARGUMENT',
  PARSE_ERROR: 'INVALID_ARGUMENT',
  UNAUTHORIZED: 'UNAUTHENTICATED',
  FORBIDDEN: 'PERMISSION_DENIED',
  NOT_FOUND: 'NOT_FOUND',
  CONFLICT: 'CONFLICT',
  UNPROCESSABLE_CONTENT: 'UNSUPPORTED',
  TOO_MANY_REQUESTS: 'RESOURCE_EXHAUSTED',
  CLIENT_CLOSED_REQUEST: 'CANCELLED',
  SERVICE_UNAVAILABLE: 'UNAVAILABLE',
  GATEWAY_TIMEOUT: 'TIMEOUT',
}

/** A failure of ours that did not come through tRPC: the live channel, better-auth. */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  readonly code: string
  readonly facts: Facts
  constructor({ code, message, ...facts }: { code: string; message: string } & Facts) {
    super(message)
    this.code = code
    this.facts = facts
  }
}

/** What an error may say beside its code and its English sentence. */
interface Facts {
  kind?: string | undefined
  params?: ErrorParams | undefined
  field?: ErrorField | undefined
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as Record<string, unknown>)[name]
    : undefined
}

const mostStackLines = 12

/** The product's code of whatever was thrown. No answer at all counts as UNAVAILABLE. */
export function errorCode(error: unknown): string {
  if (error instanceof ClientError) return error.code
  if (error instanceof TRPCClientError) {
    const data: unknown = error.data
    const own = field(field(data, 'flotilla'), 'code')
    if (typeof own === 'string') return own
    const code = field(data, 'code')
    if (typeof code === 'string') return fromTrpc[code] ?? 'INTERNAL'
    return 'UNAVAILABLE'
  }
  return 'INTERNAL'
}

/** The kind, the parameters and the field of whatever was thrown; empty where no server of ours told them. */
export function errorFacts(error: unknown): Facts {
  if (error instanceof ClientError) return error.facts
  if (!(error instanceof TRPCClientError)) return {}
  return (field(error.data, 'flotilla') as Facts | undefined) ?? {}
}

/** The server's English sentence for the person; null where no server answered. */
export function errorMessage(error: unknown): string | null {
  if (error instanceof ClientError) return error.message
  if (error instanceof TRPCClientError) return field(error.data, 'code') === undefined ? null : error.message
  return null
}

/** The page's address without what stands behind the `#`, where the set-up link has its token. */
function pageOf({ origin, pathname, search }: Pick<Location, 'origin' | 'pathname' | 'search'>): string {
  return `${origin}${pathname}${search}`
}

/** Of a failure that a server or a library told, the message says all; of any other, where it happened. */
function isReported(error: Error): boolean {
  return error instanceof ClientError || error instanceof TRPCClientError
}

/** What one would paste into a report: no secret is in it. */
export function errorDetails(error: unknown): string {
  const details: Record<string, unknown> = {
    code: errorCode(error),
    page: pageOf(window.location),
    at: new Date().toISOString(),
  }
  if (error instanceof Error) {
    details['kind'] = errorFacts(error).kind
    details['message'] = error.message
    details['path'] = error instanceof TRPCClientError ? field(error.data, 'path') : undefined
    details['stack'] = isReported(error) ? undefined : error.stack?.split('\n').slice(0, mostStackLines)
  }
  return JSON.stringify(details, null, 2)
}
