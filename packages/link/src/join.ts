import { createHmac, timingSafeEqual } from 'node:crypto'
import { fail } from '@flotilla/protocol'
import { z } from 'zod'

/** Headers of the WebSocket by which an agent comes in. */
export const joinHeaders = { join: 'x-flotilla-join', proof: 'x-flotilla-proof', agent: 'x-flotilla-agent' } as const

/** What a join token holds. The secret is used once and never sent: the proof is made with it. */
export const JoinToken = z.object({
  url: z.string().max(2000).optional(),
  id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  secret: z.string().min(20).max(200),
  /** Of the control plane's key. */
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
})
export type JoinToken = z.infer<typeof JoinToken>

export function makeToken(token: JoinToken): string {
  return Buffer.from(JSON.stringify(JoinToken.parse(token))).toString('base64url')
}

/** Throws INVALID_ARGUMENT for anything that is not a whole token. */
export function parseToken(text: string): JoinToken {
  try {
    return JoinToken.parse(JSON.parse(Buffer.from(text.trim(), 'base64url').toString()))
  } catch {
    throw fail('join.badToken')
  }
}

/** HMAC-SHA256 over both fingerprints, in hex: worth nothing to another agent or at another control plane. */
export function joinProof(secret: string, agentFingerprint: string, controlPlaneFingerprint: string): string {
  return createHmac('sha256', secret).update(`${agentFingerprint}${controlPlaneFingerprint}join`).digest('hex')
}

/** Compares in constant time. */
export function checkJoinProof(proof: string, expected: string): boolean {
  const [left, right] = [Buffer.from(proof), Buffer.from(expected)]
  return left.length === right.length && timingSafeEqual(left, right)
}
