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

/** What the failure of an operation looks like in an answer or in the journal. */
export const ErrorInfo = z.object({ code: ErrorCode, message: z.string(), detail: z.string().optional() })
export type ErrorInfo = z.infer<typeof ErrorInfo>

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

/**
 * The one error class of the product.
 * `message` is a sentence for the person: what happened and what to do. `detail` is for the log.
 * Neither may hold a secret.
 */
export class FlotillaError extends Error {
  override readonly name = 'FlotillaError'
  readonly code: ErrorCode
  readonly detail: string | undefined

  constructor(code: ErrorCode, message: string, options: { detail?: string | undefined; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.detail = options.detail
  }

  /** The plain value that travels and is stored. */
  toInfo(): ErrorInfo {
    return this.detail === undefined
      ? { code: this.code, message: this.message }
      : { code: this.code, message: this.message, detail: this.detail }
  }

  static fromInfo(info: ErrorInfo): FlotillaError {
    return new FlotillaError(info.code, info.message, { detail: info.detail })
  }
}

/** Turns anything that was thrown into a FlotillaError; what is not known is INTERNAL, its text kept as detail only. */
export function toFlotillaError(thrown: unknown): FlotillaError {
  if (thrown instanceof FlotillaError) return thrown
  if (thrown instanceof z.ZodError) {
    return new FlotillaError('INVALID_ARGUMENT', describeZodError(thrown), { cause: thrown })
  }
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  return new FlotillaError('INTERNAL', 'Something went wrong inside Flotilla. The log has the detail.', {
    detail: text,
    cause: thrown,
  })
}

/** One sentence of what is wrong with an input: the first issues with their paths. */
export function describeZodError(error: z.ZodError): string {
  const issues = error.issues.slice(0, 3).map((issue) => {
    const path = issue.path.map(String).join('.')
    return path === '' ? issue.message : `${path}: ${issue.message}`
  })
  return `The input is not valid. ${issues.join('; ')}.`
}
