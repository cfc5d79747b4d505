import {
  type AgentMethods,
  type Client,
  type EngineMethods,
  type FlotillaError,
  agentMethods,
  fail,
} from '@flotilla/protocol'
import type { MethodTable, Passage } from '@flotilla/protocol'
import { withKnownOptions } from './known-options.ts'
import { withPlatformIds } from './platform-errors.ts'
import type { FleetIndex } from './fleet-index.ts'
import type { HostEntry } from './host-entry.ts'

/** What the gateway needs of a link to an agent; packages/link gives it. */
export interface HostLink {
  client<T extends MethodTable>(service: string, methods: T): Client<T>
  /** Its streams as JSON text, unparsed and unchecked. */
  passage<T extends MethodTable>(service: string, methods: T): Passage<T>
  /** When the host was last heard of, in milliseconds since 1970. */
  readonly heardAt: number
  readonly closed: Promise<FlotillaError>
  close(): void | Promise<void>
}

/** One host, reached now. */
export interface HostHandle {
  readonly hostId: string
  readonly agent: Client<AgentMethods>
  engine(id: string): Client<EngineMethods>
  /** The engine's streams for who passes them on unread; see `HostLink.passage`. */
  passage(id: string): Passage<EngineMethods>
}

/** Where a host is reached. The seam for several control planes: only those that hold the host's lease have its link. */
export class HostGateway {
  readonly #links = new Map<string, HostLink>()
  readonly #index: FleetIndex

  constructor(index: FleetIndex) {
    this.#index = index
  }

  attach(hostId: string, link: HostLink): void {
    this.#links.set(hostId, link)
  }

  /** Only where it is still this one: a newer link of the same host stays. */
  detach(hostId: string, link: HostLink): void {
    if (this.#links.get(hostId) === link) this.#links.delete(hostId)
  }

  linkOf(hostId: string): HostLink | undefined {
    return this.#links.get(hostId)
  }

  /** Throws UNAVAILABLE with the reason where the host is away. */
  for(hostId: string): HostHandle {
    const link = this.#links.get(hostId)
    const host = this.#index.host(hostId)
    if (link === undefined || host === undefined || host.state === 'away') throw away(host)
    // The product's nouns are among the registry's, and their types are known.
    const methods = this.#index.nouns.methods as unknown as EngineMethods
    const known = (id: string): string => {
      if (host.holderOf(id) === undefined) throw fail('fleet.engineNotAllowed', { host: host.name, engine: id })
      if (host.reported.some((engine) => engine.id === id)) return id
      throw fail('fleet.noEngine', { host: host.name, engine: id })
    }
    return {
      hostId,
      agent: link.client('agent', agentMethods),
      engine: (id) => {
        const client = withKnownOptions(link.client(known(id), methods), this.#index.nouns, host, id)
        return withPlatformIds(client, idsOf(host, id))
      },
      passage: (id) => link.passage(known(id), methods),
    }
  }
}

/** The platform's ids of an engine's objects. */
function idsOf(host: HostEntry, engine: string): (kind: string, nativeId: string) => string {
  return (kind, nativeId) => (host.holderOf(engine) ?? host).idOf(kind, engine, nativeId)
}

function away(host: { name: string; reason?: string | undefined } | undefined): FlotillaError {
  if (host === undefined) return fail('fleet.noSuchHost')
  const reason = host.reason === undefined ? 'it has not connected yet' : host.reason
  return fail('fleet.hostAway', { host: host.name, reason })
}
