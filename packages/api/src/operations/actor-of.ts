import type { OperationRow, StepRow } from '@flotilla/db'
import { fail } from '@flotilla/protocol'
import type { Actor } from '@flotilla/auth'
import { isAllowed, type Seen } from '../access.ts'
import type { App } from '../app.ts'
import { factsOf, hostFactsOf } from '../nouns/sight.ts'

/**
 * Whoever started an operation, as they are now. PERMISSION_DENIED where they are gone from the organisation or may not do
 * this step any more.
 */
export async function actorOf(
  app: App,
  { organisationId, actorId, actorName }: OperationRow,
  step: StepRow,
  permissions: readonly string[],
): Promise<Actor> {
  const member = await app.db.access.findMember({ organisationId }, { userId: actorId })
  if (member === null) throw fail('operation.actorGone', { name: actorName })
  const { userId, name, email, role } = member
  const actor: Actor = { kind: 'session', keyId: null, signedInAt: null, userId, name, email, organisationId, role }
  const object = objectOf(app, step)
  const lacking = permissions.find((permission) => !isAllowed(app.policy, actor, permission, object))
  if (lacking === undefined) return actor
  throw fail('operation.actorLacks', { name, permission: lacking })
}

/** What a step is about, as rights see it: its object where there is one, else its host. */
export function objectOf(
  { index }: Pick<App, 'index'>,
  { hostId, key }: Pick<StepRow, 'hostId' | 'key'>,
): Seen | undefined {
  const host = index.host(hostId ?? '')
  if (host === undefined) return undefined
  for (const holder of host.holders()) {
    for (const { kind, rows } of holder.tables()) {
      const row = rows.get(key)
      if (row !== undefined) return factsOf(holder, kind, row)
    }
  }
  return hostFactsOf(host)
}
