import { type Actor, rolePolicy } from '@flotilla/auth'
import { type Role, volumeFileNoun, volumeNoun } from '@flotilla/protocol'
import { expect, test } from 'vitest'
import type { ActorContext } from '../context.ts'
import { FleetIndex } from '../fleet/fleet-index.ts'
import { placeOfObject } from './place.ts'

const engine = 'fake'
const privileged = 'containers.create.privileged'

function contextOf(role: Role): ActorContext {
  const index = new FleetIndex('org', () => 1_000_000)
  index.addHost({ id: 'h1', organisationId: 'org', name: 'one', transport: 'socket' })
  const value = { id: 'data', engine, name: 'data', labels: {} }
  index.applySnapshot(
    'h1',
    { rows: new Map([['volume', [{ engine, value }]]]), listed: new Set([`volume ${engine}`]) },
    { epoch: 'e1', sequence: 1 },
  )
  index.setState('h1', 'connected')
  const session = { kind: 'session', keyId: null, signedInAt: null } as const
  const actor: Actor = { ...session, userId: 'u1', name: 'u', email: 'u@example.org', organisationId: 'org', role }
  const gateway = { for: () => ({ engine: () => ({}) }) }
  return { app: { index, gateway, policy: rolePolicy() }, actor } as unknown as ActorContext
}

test.each([
  ['admin', [privileged]],
  ['operator', []],
] as const)('what an engine may ask for travels with the calls of who has it: %s', (role, more) => {
  const ctx = contextOf(role)
  const scopeOf = (method: Parameters<typeof placeOfObject>[2]) =>
    placeOfObject(ctx, { kind: 'volume', ref: 'data' }, method).scope.permissions
  for (const method of Object.values(volumeFileNoun.methods)) {
    expect(scopeOf(method)).toEqual([method.permission, ...more])
  }
  expect(scopeOf(volumeNoun.methods.clone)).toEqual(['volumes.create', 'volumes.files.read', ...more])
  expect(scopeOf(volumeNoun.methods.measure)).toEqual(['volumes.read', ...more])
  expect(scopeOf(volumeNoun.methods.inspect)).toEqual(['volumes.read'])
})
