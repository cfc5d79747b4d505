import { errorTable, toFlotillaError } from '@flotilla/protocol'
import { TRPCError } from '@trpc/server'
import { toTrpcCode } from './trpc-code.ts'

/** Any failure as tRPC's, with ours as its cause. */
export function toTrpcError(thrown: unknown): TRPCError {
  if (thrown instanceof TRPCError) return thrown
  const error = toFlotillaError(thrown)
  return new TRPCError({
    code: toTrpcCode(errorTable[error.code].trpc),
    message: error.message,
    cause: error,
  })
}
