import type { Database, HostRow, OrganisationScope, SshAddress } from '@flotilla/db'
import type { Policy } from '@flotilla/auth'
import type { Logger } from '@flotilla/log'
import type { Services } from '@flotilla/protocol'
import type { Refusals } from './audit/refusals.ts'
import type { FleetIndex } from './fleet/fleet-index.ts'
import type { HostGateway } from './fleet/host-gateway.ts'
import type { OperationRuns } from './operations/runs.ts'

/** A host to be reached over SSH, with the key that lets us in. */
export interface SshHostRequest {
  address: Omit<SshAddress, 'agentSocket'>
  /** The agent's run folder there. */
  runDir: string
  /** OpenSSH or PEM; a secret. */
  privateKey: string
}

/** What the procedures work with; made once by the control plane and handed down, never a module's own variable. */
export interface App {
  readonly db: Database
  readonly index: FleetIndex
  readonly gateway: HostGateway
  /** Writes what was refused to the audit. */
  readonly refusals: Refusals
  /** The platform's own operations that run here. */
  readonly operations: OperationRuns
  /** The work of the nouns that the platform itself holds. */
  readonly services: Services
  readonly log: Logger
  /** Answers every question of rights. */
  readonly policy: Policy
  readonly hashPassword: (password: string) => Promise<string>
  /** The text of a join token by its id: it carries a secret derived from the id, and this control plane's key. */
  readonly joinToken: (id: string) => string
  /** Pins a host behind an SSH server and keeps a link to it. `allow` throws where one that is known may not be changed. */
  readonly addSshHost: (
    scope: OrganisationScope,
    desired: SshHostRequest,
    allow: (hostId: string) => void,
  ) => Promise<HostRow>
  /** Where agents and browsers reach this control plane, without a slash at the end. */
  readonly publicUrl: string
  readonly organisationName: string
  readonly version: string
  /** Forgets what was remembered about who may do what; called at each change of it. */
  readonly accessChanged: () => void
}
