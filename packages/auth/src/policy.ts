import { type PermissionFacts, registry, roles, type Scope } from '@flotilla/protocol'
import type { Actor } from './actor.ts'

/** An object as rights see it. Fields that an object does not have are undefined. */
export interface ObjectFacts {
  readonly organisationId: string
  /** The agent through which it is reached. */
  readonly hostId?: string | undefined
  readonly hostLabels?: Readonly<Record<string, string>> | undefined
  readonly hostGroups?: readonly string[] | undefined
  readonly engine?: string | undefined
  readonly kind: string
  /** The platform's id. */
  readonly id?: string | undefined
  readonly namespace?: string | undefined
  readonly stack?: string | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
}

/** Answers the one question of rights; procedures, streams, the feed, lists and what travels to agents ask nothing else. */
export interface Policy {
  /** Whether the actor has the permission: for this object, or, where none is given, for any at all. */
  allowed(actor: Actor, permission: string, object?: ObjectFacts): boolean
  /** The same question made ready for a whole list: `all`, `none`, or a test of one object. */
  filter(actor: Actor, permission: string): 'all' | 'none' | ((object: ObjectFacts) => boolean)
  /** Two actors with the same audience see the same objects. */
  audience(actor: Actor): string
  /** Every permission that the actor has for anything. */
  permissionsOf(actor: Actor): string[]
}

/** Rights by the built-in roles alone: whoever has a permission has it for every object of the organisation. */
export function rolePolicy(permissions: Readonly<Record<string, PermissionFacts>> = registry.permissions): Policy {
  const has = (actor: Actor, permission: string) => {
    const facts = Object.hasOwn(permissions, permission) ? permissions[permission] : undefined
    return facts !== undefined && roles.indexOf(facts.role) <= roles.indexOf(actor.role)
  }
  return {
    allowed: (actor, permission, object) =>
      (object === undefined || object.organisationId === actor.organisationId) && has(actor, permission),
    filter: (actor, permission) => (has(actor, permission) ? 'all' : 'none'),
    audience: (actor) => `${actor.organisationId} ${actor.role}`,
    permissionsOf: (actor) => Object.keys(permissions).filter((permission) => has(actor, permission)),
  }
}

/** What travels to the host with a call, so that the agent checks it again: what this call needs, for this object. */
export function scopeFor(actor: Actor, permissions: readonly string[], object?: Scope['object']): Scope {
  const scope = { actor: actor.userId, permissions: [...permissions] }
  return object === undefined ? scope : { ...scope, object }
}
