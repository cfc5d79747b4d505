import { z } from 'zod'

/** Every right there is. A method, route or socket event names exactly one. */
export const Permission = z.enum([
  'hosts.read',
  'hosts.manage',
  'containers.read',
  'containers.logs',
  'containers.create',
  'containers.create.privileged',
  'containers.operate',
  'containers.remove',
  'containers.exec',
  'images.read',
  'images.pull',
  'images.remove',
  'people.read',
  'people.manage',
  'audit.read',
])
export type Permission = z.infer<typeof Permission>

export const Role = z.enum(['owner', 'admin', 'operator', 'viewer'])
export type Role = z.infer<typeof Role>

const viewer: readonly Permission[] = ['hosts.read', 'containers.read', 'containers.logs', 'images.read']
const operator: readonly Permission[] = [
  ...viewer,
  'containers.create',
  'containers.operate',
  'containers.remove',
  'containers.exec',
  'images.pull',
  'images.remove',
]
const admin: readonly Permission[] = Permission.options

/** What each role may do. Owner and admin differ in whom they may manage, which the people policy decides. */
export const rolePermissions: Record<Role, ReadonlySet<Permission>> = {
  viewer: new Set(viewer),
  operator: new Set(operator),
  admin: new Set(admin),
  owner: new Set(admin),
}

/** Who asks and with which rights; travels with every call so that the agent can check it again. */
export const Scope = z.object({
  /** The user's or key's id, for the agent's own log. */
  actor: z.string().max(200),
  permissions: z.array(Permission).max(Permission.options.length),
})
export type Scope = z.infer<typeof Scope>

/** The scope of the agent itself and of a trusted caller in the same process. */
export const systemScope: Scope = { actor: 'system', permissions: [...Permission.options] }
