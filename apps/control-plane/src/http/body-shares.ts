import type { IncomingMessage, ServerResponse } from 'node:http'
import { fail } from '@flotilla/protocol'
import { Shares } from '../shares.ts'

const megabytes = 1024 * 1024
/** Eight of the largest bodies. What is parsed from one takes several times its bytes. */
const mostOfOne = 32 * megabytes

/** Bytes of the bodies of those who are known and may, from before they are read until their answer is out. */
export function bodyShares(): Shares {
  return new Shares(128 * megabytes, mostOfOne, {
    all: () => fail('request.bytesUsedUp'),
    one: (bytes) => fail('request.manyOwnBytes', { bytes }),
  })
}

/**
 * Takes a request's body out of its caller's share, as long as it says that it is, or as long as it may be where it does not say.
 * Throws RESOURCE_EXHAUSTED, before anything of it is read.
 */
export function takeShare(
  bodies: Shares,
  userId: string,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
  most: number,
): void {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
  if (length === undefined && encoding === undefined) return
  const release = bodies.take(userId, Math.min(encoding === undefined ? Number(length) : most, most))
  response.once('close', release)
  if (response.closed) release()
}
