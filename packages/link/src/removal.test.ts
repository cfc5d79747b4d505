import { expect, it } from 'vitest'
import { createIdentity } from './identity.ts'
import { isRemoval, removalNonce, signRemoval } from './removal.ts'

it('is believed from the pinned key alone, of this agent and to this question alone', async () => {
  const [ours, stranger] = [await createIdentity('control plane'), await createIdentity('stranger')]
  const [agent, nonce] = ['a'.repeat(64), removalNonce()]
  const asked = { controlPlane: ours.fingerprint, agent, nonce }
  const said = signRemoval(ours, agent, nonce)
  expect(isRemoval(said, asked)).toBe(true)
  const forged = `${said.split('.')[0]}.${signRemoval(stranger, agent, nonce).split('.')[1]}`
  for (const other of [signRemoval(stranger, agent, nonce), forged, '', '.', `${said.split('.')[0]}.`]) {
    expect(isRemoval(other, asked)).toBe(false)
  }
  expect(isRemoval(said, { ...asked, agent: 'b'.repeat(64) })).toBe(false)
  expect(isRemoval(said, { ...asked, nonce: removalNonce() })).toBe(false)
})
