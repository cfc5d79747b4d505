import { type ContainerSpec, FlotillaError, privilegedReasons } from '@flotilla/protocol'
import { type Actor, may } from '@flotilla/auth'

/** Whoever creates with more than a container's own world needs the right for it; the agent asks the same again. */
export function requireCreate(actor: Actor, spec: ContainerSpec): void {
  const reasons = privilegedReasons(spec)
  if (reasons.length === 0 || may(actor, 'containers.create.privileged')) return
  throw new FlotillaError(
    'PERMISSION_DENIED',
    `Your role (${actor.role}) may not create containers with ${reasons.join(', ')}. Ask an owner or admin.`,
  )
}
