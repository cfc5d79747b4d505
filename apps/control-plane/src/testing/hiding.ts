import { type Actor, type ObjectFacts, type Policy, rolePolicy } from '@flotilla/auth'

/** Rights by role, but that whoever is no owner is kept from what is hidden from them. */
export function hidingPolicy(isHidden: (object: ObjectFacts, actor: Actor) => boolean): Policy {
  return denyingPolicy((_permission, object, actor) => isHidden(object, actor))
}

/** Rights by role, but that whoever is no owner is denied single permissions for single objects. */
export function denyingPolicy(isDenied: (permission: string, object: ObjectFacts, actor: Actor) => boolean): Policy {
  const byRole = rolePolicy()
  return {
    ...byRole,
    allowed: (actor, permission, object) =>
      byRole.allowed(actor, permission, object) &&
      (actor.role === 'owner' || object === undefined || !isDenied(permission, object, actor)),
    filter: (actor, permission) => {
      const all = byRole.filter(actor, permission)
      return actor.role === 'owner' || all === 'none' ? all : (object) => !isDenied(permission, object, actor)
    },
  }
}
