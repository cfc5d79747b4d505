import type { Database } from '@flotilla/db'
import type { Logger } from '@flotilla/log'
import type { FleetIndex } from './fleet/fleet-index.ts'
import type { HostGateway } from './fleet/host-gateway.ts'

/** What the procedures work with; made once by the control plane and handed down, never a module's own variable. */
export interface App {
  readonly db: Database
  readonly index: FleetIndex
  readonly gateway: HostGateway
  readonly log: Logger
  readonly hashPassword: (password: string) => Promise<string>
  /** The text of a join token by its id: it carries a secret derived from the id, and this control plane's key. */
  readonly joinToken: (id: string) => string
  /** Where agents and browsers reach this control plane, without a slash at the end. */
  readonly publicUrl: string
  readonly organisationName: string
  readonly version: string
  /** Forgets what was remembered about who may do what; called at each change of it. */
  readonly accessChanged: () => void
}
