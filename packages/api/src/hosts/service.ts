import { endAfter, newId } from '@flotilla/db'
import { type FleetHost, fail } from '@flotilla/protocol'
import { requireAccess } from '../access.ts'
import type { ActorContext } from '../context.ts'
import { hostFactsOf, readerOf } from '../nouns/sight.ts'
import type { HostEntry } from '../fleet/host-entry.ts'
import { hostsOf, inGroup, withLabel } from './select-hosts.ts'

const managing = 'hosts.manage'

/** Those in the group that have all the labels, which are `KEY` or `KEY=VALUE` with commas between. */
export function listHosts(
  ctx: ActorContext,
  wanted: { group?: string | undefined; label?: string | undefined } = {},
): FleetHost[] {
  const tests = [
    ...(wanted.group === undefined ? [] : [inGroup(wanted.group)]),
    ...(wanted.label === undefined ? [] : wanted.label.split(',').map(withLabel)),
  ]
  const reader = readerOf(ctx)
  return hostsOf(ctx.app.index, reader)
    .filter((host) => tests.every((matches) => matches(host)))
    .map((host) => host.toFleetHost(reader.sees))
}

/** One that the caller sees, else NOT_FOUND. */
export function inspectHost(ctx: ActorContext, ref: string): FleetHost {
  const reader = readerOf(ctx)
  return ctx.app.index.resolveHost(reader, ref).toFleetHost(reader.sees)
}

/**
 * Answers when the agent's key and ours are pinned on either side; the link follows. One that is known by its key gets one more
 * way. PERMISSION_DENIED where the caller may manage some hosts, but neither new ones nor that one.
 */
export async function addSshHost(
  ctx: ActorContext,
  desired: { address: string; port: number; username: string; hostKey: string; privateKey: string; runDir: string },
): Promise<FleetHost> {
  const { address, port, username, hostKey, privateKey, runDir } = desired
  const server = { host: address, port, username, hostKey }
  requireNew(ctx)
  const allow = (id: string) => requireManaged(ctx, ctx.app.index.host(id))
  const { id } = await ctx.app.addSshHost(ctx.actor, { address: server, runDir, privateKey }, allow)
  const host = ctx.app.index.host(id)
  if (host === undefined) throw fail('fleet.noSuchHost')
  return host.toFleetHost(readerOf(ctx).sees)
}

/** Whether the caller may add a host, which has no labels and no groups at first. */
function requireNew({ app, actor }: ActorContext): void {
  requireAccess(app.policy, actor, managing, { organisationId: actor.organisationId, kind: 'host' })
}

function requireManaged({ app, actor }: ActorContext, host: HostEntry | undefined): void {
  if (host !== undefined) requireAccess(app.policy, actor, managing, hostFactsOf(host))
}

/**
 * Forgets a host and ends its link; its containers go on. The local host comes with the platform and stays. NOT_FOUND,
 * PERMISSION_DENIED.
 */
export async function removeHost(ctx: ActorContext, ref: string): Promise<{ id: string }> {
  const host = ctx.app.index.resolveHost(readerOf(ctx), ref)
  requireManaged(ctx, host)
  if (host.transport === 'socket') {
    throw fail('fleet.ownHost')
  }
  await ctx.app.db.hosts.remove(ctx.actor, host.id)
  const link = ctx.app.gateway.linkOf(host.id)
  // What no other agent speaks for is forgotten with it.
  await ctx.app.db.spanningEngines.removeUnreached(ctx.actor)
  ctx.app.index.removeHost(host.id)
  if (link !== undefined) {
    ctx.app.gateway.detach(host.id, link)
    await link.close()
  }
  return { id: host.id }
}

export interface JoinTokenAnswer {
  /** By which one asks what became of it; it is no secret. */
  id: string
  token: string
  expiresAt: string
  /** What one runs on the new host. */
  command: string
}

/** A token that lets one agent join once, until it expires. PERMISSION_DENIED where the caller may add no hosts. */
export async function createJoinToken(ctx: ActorContext, ttlMinutes: number): Promise<JoinTokenAnswer> {
  requireNew(ctx)
  const id = newId()
  const expiresAt = endAfter(ttlMinutes * 60_000)
  await ctx.app.db.joinTokens.create(ctx.actor, { id, expiresAt }, ctx.actor)
  const token = ctx.app.joinToken(id)
  return {
    id,
    token,
    expiresAt: expiresAt.toISOString(),
    // Not as a word of the command, which every user of that machine could read.
    command: `FLOTILLA_JOIN_TOKEN=${token} npm run agent -- join ${ctx.app.publicUrl}`,
  }
}

export interface JoinTokenStateAnswer {
  id: string
  state: 'waiting' | 'used' | 'expired'
  expiresAt: string
  hostId: string | null
}

/** What became of a token: whether somebody waits for it still, and which host came with it, where the caller sees that. */
export async function inspectJoinToken(ctx: ActorContext, id: string): Promise<JoinTokenStateAnswer> {
  const token = await ctx.app.db.joinTokens.find(ctx.actor, id)
  if (token === null) throw fail('join.noToken')
  const host = ctx.app.index.host(token.hostId ?? '')
  const isHidden = host !== undefined && !readerOf(ctx).seesHost(host)
  return { id, ...token, hostId: isHidden ? null : token.hostId, expiresAt: token.expiresAt.toISOString() }
}
