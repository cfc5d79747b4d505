import { createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto'
import type { Identity } from './identity.ts'

/** What an agent asks with, and what a control plane that does not know it answers beside 410. */
export const removalHeaders = { nonce: 'x-flotilla-nonce', proof: 'x-flotilla-removed' } as const

/** A question that no earlier answer fits. */
export function removalNonce(): string {
  return randomBytes(16).toString('hex')
}

/**
 * A control plane's signed word that it does not know this agent. An agent stops dialling for it alone: a bare 403 or 410 may
 * come from anybody on the way, whose certificate is not what counts.
 */
export function signRemoval(identity: Identity, agentFingerprint: string, nonce: string): string {
  const privateKey = createPrivateKey(identity.keyPem)
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  const signature = sign(null, statement(agentFingerprint, nonce), privateKey)
  return `${publicKey.toString('base64url')}.${signature.toString('base64url')}`
}

/** Whether the control plane of this pinned key said so, of this agent, to this question. False for anything else. */
export function isRemoval(
  proof: string,
  { controlPlane, agent, nonce }: { controlPlane: string; agent: string; nonce: string },
): boolean {
  const [key = '', signature = ''] = proof.split('.')
  const der = Buffer.from(key, 'base64url')
  if (createHash('sha256').update(der).digest('hex') !== controlPlane) return false
  const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' })
  return verify(null, statement(agent, nonce), publicKey, Buffer.from(signature, 'base64url'))
}

function statement(agentFingerprint: string, nonce: string): Buffer {
  return Buffer.from(`flotilla: not known here\n${agentFingerprint}\n${nonce}`)
}
