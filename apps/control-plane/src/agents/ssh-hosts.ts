import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { App, SshHostRequest } from '@flotilla/api'
import type { Database, HostRow, OrganisationScope, SshAddress } from '@flotilla/db'
import { SshHost, writeFileAtomic } from '@flotilla/host'
import { connect } from '@flotilla/link'
import { fail, systemScope, trustMethods } from '@flotilla/protocol'
import type { Secrets } from '../secrets.ts'
import { type Dial, sshDial } from './dialer.ts'

const reachMs = 30_000

export interface SshHostsOptions {
  dataDir: string
  db: Database
  secrets: Secrets
  publicUrl: string
  version: string
  /** Keeps a link to the host from now on. */
  keep: (host: HostRow, dial: Dial) => void
}

/** Hosts that this control plane dials over SSH: how they are pinned, and where their keys lie. */
export class SshHosts {
  readonly #options: SshHostsOptions
  /** As they are reached now: a new address is taken at the next dialling. */
  readonly #rows = new Map<string, HostRow>()

  constructor(options: SshHostsOptions) {
    this.#options = options
  }

  /** How a known host is dialled; null where it has no SSH address. */
  dialOf(host: HostRow): Dial | null {
    if (host.address === null) return null
    this.#rows.set(host.id, host)
    return (signal) => sshDial(this.#rows.get(host.id) ?? host, this.#options.secrets, this.#keyFile(host.id))(signal)
  }

  /**
   * Goes to the agent's local socket, which the login may open because it is root's or the group's, and pins there our key
   * and here the agent's. From then on the link goes to its proven socket. A host that is known by its key gets one more way.
   * Throws PERMISSION_DENIED for another host key or login and what `allow` throws of a host that is known, UNAVAILABLE, CONFLICT.
   */
  async add(
    scope: OrganisationScope,
    desired: SshHostRequest,
    index: App['index'],
    allow: (hostId: string) => void,
  ): Promise<HostRow> {
    const { db, keep } = this.#options
    const { name, fingerprint } = await this.#pin(desired)
    const known = await db.hosts.findByFingerprint(fingerprint)
    if (known !== null && known.organisationId !== scope.organisationId) {
      throw fail('fleet.otherOrganisation')
    }
    if (known !== null) allow(known.id)
    const address: SshAddress = { ...desired.address, agentSocket: join(desired.runDir, 'agent-tls.sock') }
    const row =
      known === null
        ? await db.hosts.create(scope, { name, transport: 'ssh', fingerprint, address })
        : await db.hosts.setAddress(scope, known.id, address)
    await this.#keepKey(row.id, desired.privateKey)
    if (known === null) index.addHost(row)
    const dial = this.dialOf(row)
    if (dial !== null && (known === null || known.address === null)) keep(row, dial)
    return row
  }

  /** Of a host that was removed: its key goes too. */
  async forget(hostId: string): Promise<void> {
    this.#rows.delete(hostId)
    await rm(this.#keyFile(hostId), { force: true })
  }

  async #pin({ address, runDir, privateKey }: SshHostRequest): Promise<{ name: string; fingerprint: string }> {
    const { secrets, publicUrl, version } = this.#options
    const signal = AbortSignal.timeout(reachMs)
    const channel = await new SshHost({ ...address, privateKey }).dial(join(runDir, 'agent.sock'), signal)
    const link = await connect(channel, { hello: { version, name: 'control plane' }, signal })
    try {
      const { trust } = link.client('trust', trustMethods)
      const own = { fingerprint: secrets.identity.fingerprint, name: publicUrl }
      const { fingerprint } = await trust.add(own, { scope: systemScope, signal })
      const name = link.peer.name.replace(/[^A-Za-z0-9_.-]/g, '-').slice(0, 100) || address.host
      return { name, fingerprint }
    } finally {
      link.close()
    }
  }

  async #keepKey(hostId: string, privateKey: string): Promise<void> {
    const path = this.#keyFile(hostId)
    await mkdir(join(path, '..'), { recursive: true, mode: 0o700 })
    await writeFileAtomic(path, `${privateKey.trim()}\n`, { durable: true })
  }

  #keyFile(hostId: string): string {
    return join(this.#options.dataDir, 'ssh', hostId)
  }
}
