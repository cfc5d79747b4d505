import type { HostAttributes } from '@flotilla/protocol'

/** A host, as that whose agent reaches an engine. */
export interface Agent {
  readonly id: string
  readonly organisationId: string
  readonly attributes: HostAttributes
}

/** Whether a reader sees a host. */
export type HostSight = (host: Agent) => boolean

/** The sight of who sees all hosts. */
export const everyHost: HostSight = () => true

/** Who asks for hosts: of which organisation, and which of its hosts they see. */
export interface HostReader {
  readonly organisationId: string
  readonly seesHost: HostSight
}
