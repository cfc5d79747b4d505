import { z } from 'zod'
import { hostPermissions } from './host-permissions.ts'
import * as facts from './nouns/facts.ts'
import { peoplePermissions } from './people-permissions.ts'
import { type PermissionFacts, roles } from './permission-facts.ts'

type Facts = typeof facts
type NounPermission = {
  [List in keyof Facts]: List extends `${string}Permissions` ? keyof Facts[List] : never
}[keyof Facts]
export type Permission = keyof typeof hostPermissions | keyof typeof peoplePermissions | NounPermission

/** Every permission there is, as the nouns declare them. A method, route or socket event names exactly one. */
export const permissions = Object.assign(
  {},
  hostPermissions,
  ...Object.entries(facts).flatMap(([name, list]) => (name.endsWith('Permissions') ? [list] : [])),
  peoplePermissions,
) as Record<Permission, PermissionFacts>
export const Permission = z.enum(Object.keys(permissions) as [Permission, ...Permission[]])

export const Role = z.enum(['owner', 'admin', 'operator', 'viewer'])
export type Role = z.infer<typeof Role>

/** What each role may do. Owner and admin differ in whom they may manage, which the people policy decides. */
export const rolePermissions: Record<Role, ReadonlySet<Permission>> = {
  viewer: ofRole('viewer'),
  operator: ofRole('operator'),
  admin: ofRole('admin'),
  owner: ofRole('owner'),
}

function ofRole(role: Role): ReadonlySet<Permission> {
  const all = Object.entries(permissions) as [Permission, PermissionFacts][]
  return new Set(all.filter(([, facts]) => roles.indexOf(facts.role) <= roles.indexOf(role)).map(([name]) => name))
}

/** The object that a call is about, as the agent knows it. */
export const ScopeObject = z.object({
  kind: z.string().max(60),
  /** The engine's own id. */
  id: z.string().max(1000),
})

/**
 * Who asks, and with which permissions; travels with every call so that the agent can check it again. It holds what this
 * call needs and no more, so that an older agent, which knows fewer names, refuses only what it cannot do.
 */
export const Scope = z.object({
  /** The user's or key's id, for the agent's own log. */
  actor: z.string().max(200),
  /** Names that the agent does not know are of no use here and do no harm. */
  permissions: z.array(z.string().max(100)).max(200),
  /** Where the call is about one object: a call whose input names another is refused. */
  object: ScopeObject.optional(),
})
export type Scope = z.infer<typeof Scope>

/** The scope of the agent itself and of a trusted caller in the same process. */
export const systemScope: Scope = { actor: 'system', permissions: Object.keys(permissions) }
