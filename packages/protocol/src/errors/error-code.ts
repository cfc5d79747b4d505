import { z } from 'zod'

/** The closed set of failures. Every layer speaks these; each engine has one file that maps its own into them. */
export const ErrorCode = z.enum([
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'CONFLICT',
  'UNAUTHENTICATED',
  'PERMISSION_DENIED',
  'UNSUPPORTED',
  'RESOURCE_EXHAUSTED',
  'UNAVAILABLE',
  'TIMEOUT',
  'CANCELLED',
  'INTERNAL',
])
export type ErrorCode = z.infer<typeof ErrorCode>

interface ErrorClass {
  http: number
  trpc: string
  /** Whether the same call may succeed later with nothing changed by the caller. */
  retry: boolean
  log: 'debug' | 'info' | 'warn' | 'error'
}

/** The one table from a code to HTTP status, tRPC code, retry and log level. */
export const errorTable: Record<ErrorCode, ErrorClass> = {
  INVALID_ARGUMENT: { http: 400, trpc: 'BAD_REQUEST', retry: false, log: 'debug' },
  UNAUTHENTICATED: { http: 401, trpc: 'UNAUTHORIZED', retry: false, log: 'info' },
  PERMISSION_DENIED: { http: 403, trpc: 'FORBIDDEN', retry: false, log: 'info' },
  NOT_FOUND: { http: 404, trpc: 'NOT_FOUND', retry: false, log: 'debug' },
  ALREADY_EXISTS: { http: 409, trpc: 'CONFLICT', retry: false, log: 'debug' },
  CONFLICT: { http: 409, trpc: 'CONFLICT', retry: false, log: 'debug' },
  UNSUPPORTED: { http: 422, trpc: 'UNPROCESSABLE_CONTENT', retry: false, log: 'debug' },
  RESOURCE_EXHAUSTED: { http: 429, trpc: 'TOO_MANY_REQUESTS', retry: true, log: 'warn' },
  CANCELLED: { http: 499, trpc: 'CLIENT_CLOSED_REQUEST', retry: false, log: 'debug' },
  INTERNAL: { http: 500, trpc: 'INTERNAL_SERVER_ERROR', retry: false, log: 'error' },
  UNAVAILABLE: { http: 503, trpc: 'SERVICE_UNAVAILABLE', retry: true, log: 'warn' },
  TIMEOUT: { http: 504, trpc: 'GATEWAY_TIMEOUT', retry: true, log: 'warn' },
}
