import type { Database, OperationRow, OrganisationScope } from '@flotilla/db'
import type { Logger } from '@flotilla/log'
import { type ErrorInfo, type FleetOperation, mostWorking } from '@flotilla/protocol'
import { HostTurns } from './host-turns.ts'
import type { Sealer } from './sealer.ts'

/** What of a failure its reader is told. */
export type ErrorSight = (error: ErrorInfo | null) => ErrorInfo | null

/** One operation that this control plane carries out now. */
export interface Run {
  readonly row: OperationRow
  /** Settles when there is nothing more to do here: it has ended, this control plane goes, or it lost the lease. */
  readonly ended: Promise<void>
  /** As it is now, with its items. */
  detail(seen: ErrorSight): FleetOperation
  summary(): FleetOperation
  /** Calls back at each change until the answer is called. */
  onChange(listener: () => void): () => void
  cancel(): void
  /** Lets go of it as it stands, so that another control plane goes on with it. */
  stop(): void
}

export interface OperationRunsOptions {
  db: Database
  log: Logger
  /** This control plane's name in the leases. */
  holder: string
  sealer: Sealer
  /** Called with a name between any two steps that leave something behind; tests end the process there. */
  failurePoint?: ((name: string) => void) | undefined
}

export const leaseMs = 30_000

/** What this control plane carries out of the platform's own operations, and what it needs for it. */
export class OperationRuns {
  readonly db: Database
  readonly log: Logger
  readonly lease: { readonly holder: string; readonly ttlMs: number }
  readonly sealer: Sealer
  readonly failurePoint: (name: string) => void
  readonly turns = new HostTurns(mostWorking)
  readonly #runs = new Map<string, Run>()
  #open = true

  constructor({ db, log, holder, sealer, failurePoint = () => {} }: OperationRunsOptions) {
    this.db = db
    this.log = log
    this.lease = { holder, ttlMs: leaseMs }
    this.sealer = sealer
    this.failurePoint = failurePoint
  }

  /** False from the moment when this control plane goes: nothing begins any more. */
  get isOpen(): boolean {
    return this.#open
  }

  find({ organisationId }: OrganisationScope, id: string): Run | undefined {
    return this.#runs.get(`${organisationId} ${id}`)
  }

  all(): Run[] {
    return [...this.#runs.values()]
  }

  add(run: Run): void {
    const name = `${run.row.organisationId} ${run.row.id}`
    this.#runs.set(name, run)
    void run.ended.finally(() => this.#runs.delete(name))
  }

  /** Lets go of all, so that the next control plane goes on with them at once. */
  async close(): Promise<void> {
    this.#open = false
    const running = this.all()
    for (const run of running) run.stop()
    await Promise.all(running.map(({ ended }) => ended))
    await this.db.operations.release(this.lease.holder)
  }
}
