import type { FleetHost, HostAttributes } from '@flotilla/protocol'
import { requireAccess } from '../access.ts'
import type { ActorContext } from '../context.ts'
import type { HostEntry } from '../fleet/host-entry.ts'
import { hostFactsOf, readerOf } from '../nouns/sight.ts'

/** Sets the labels, the groups, or both of a host, each as a whole. NOT_FOUND, PERMISSION_DENIED. */
export function updateHost(
  ctx: ActorContext,
  input: { id: string; labels?: HostAttributes['labels'] | undefined; groups?: readonly string[] | undefined },
): Promise<FleetHost> {
  const { labels, groups } = input
  return change(ctx, input.id, () => ({
    ...(labels === undefined ? {} : { labels }),
    ...(groups === undefined ? {} : { groups: [...new Set(groups)].sort() }),
  }))
}

/** A host that is cordoned already stays so by who did it first, unless another reason is given. NOT_FOUND, PERMISSION_DENIED. */
export function cordonHost(ctx: ActorContext, input: { id: string; reason?: string | undefined }): Promise<FleetHost> {
  const given = input.reason === undefined || input.reason === '' ? null : input.reason
  return change(ctx, input.id, ({ attributes: { cordon } }) =>
    cordon !== null && (given === null || given === cordon.reason)
      ? {}
      : { cordon: { at: new Date().toISOString(), actor: ctx.actor.name, reason: given } },
  )
}

/** One that is not cordoned stays as it is. NOT_FOUND, PERMISSION_DENIED. */
export function uncordonHost(ctx: ActorContext, id: string): Promise<FleetHost> {
  return change(ctx, id, ({ attributes: { cordon } }) => (cordon === null ? {} : { cordon: null }))
}

/** Keeps what is another by a change in the database, and then in the index, which tells whoever watches. */
async function change(
  ctx: ActorContext,
  ref: string,
  changed: (host: HostEntry) => Partial<HostAttributes>,
): Promise<FleetHost> {
  const { db, index, policy } = ctx.app
  const host = index.resolveHost(readerOf(ctx), ref)
  requireAccess(policy, ctx.actor, 'hosts.manage', hostFactsOf(host))
  await host.inTurn(async () => {
    const columns = changed(host)
    if (Object.keys(columns).length > 0)
      index.setAttributes(host.id, await db.hosts.setAttributes(ctx.actor, host.id, columns))
  })
  return host.toFleetHost(readerOf(ctx).sees)
}

/** What the audit says of an update: the host, and what its sets became. */
export function attributesSubject(input: unknown): string {
  const { id, labels, groups } = input as { id?: string; labels?: Record<string, string>; groups?: string[] }
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`)
  return [
    id,
    ...(labels === undefined ? [] : [`labels: ${pairs.join(' ') || 'none'}`]),
    ...(groups === undefined ? [] : [`groups: ${groups.join(' ') || 'none'}`]),
  ].join(' ')
}

/** The host, and why it is cordoned. */
export function cordonSubject(input: unknown): string {
  const { id, reason } = input as { id?: string; reason?: string }
  return [id, reason].filter((word) => typeof word === 'string' && word !== '').join(' ')
}
