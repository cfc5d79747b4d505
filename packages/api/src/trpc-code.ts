import type { TRPCError } from '@trpc/server'

type Code = TRPCError['code']

const codes: ReadonlySet<string> = new Set<Code>([
  'BAD_REQUEST',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'NOT_FOUND',
  'CONFLICT',
  'UNPROCESSABLE_CONTENT',
  'TOO_MANY_REQUESTS',
  'CLIENT_CLOSED_REQUEST',
  'INTERNAL_SERVER_ERROR',
  'SERVICE_UNAVAILABLE',
  'GATEWAY_TIMEOUT',
])

/** The error table's tRPC word as tRPC's type; an unknown word is an internal error. */
export function toTrpcCode(word: string): Code {
  return isCode(word) ? word : 'INTERNAL_SERVER_ERROR'
}

function isCode(word: string): word is Code {
  return codes.has(word)
}
