import { expect, it } from 'vitest'
import { checkJoinProof, joinProof, makeToken, parseToken } from './join.ts'

const token = { id: 'abc', secret: 's'.repeat(32), fingerprint: 'a'.repeat(64) }

it('brings a token back, and refuses a cut one', () => {
  expect(parseToken(`${makeToken(token)}\n`)).toEqual(token)
  expect(() => parseToken(makeToken(token).slice(0, 40))).toThrow(/not a join token/)
})

it('proves one agent to one control plane', () => {
  const proof = joinProof(token.secret, 'agent', token.fingerprint)
  expect(checkJoinProof(proof, joinProof(token.secret, 'agent', token.fingerprint))).toBe(true)
  for (const other of [
    joinProof('x', 'agent', token.fingerprint),
    joinProof(token.secret, 'other', token.fingerprint),
    '',
  ]) {
    expect(checkJoinProof(other, proof)).toBe(false)
  }
})
