import type { Container, EngineInfo, FleetHost, HostFacts, Image, UsageSample, Version } from '@flotilla/protocol'
import { ObjectTable } from './object-table.ts'

/** Everything the index knows of one host. */
export class HostEntry {
  readonly id: string
  readonly organisationId: string
  readonly name: string
  readonly transport: FleetHost['transport']
  readonly containers: ObjectTable<Container>
  readonly images: ObjectTable<Image>
  readonly usage = new Map<string, UsageSample>()
  state: FleetHost['state'] = 'never-seen'
  reason: string | undefined
  connectedAt: number | null = null
  lastSeenAt: number | null = null
  /** The last that the timeline told of its link is that it came. */
  toldCame = false
  facts: HostFacts | null = null
  engines: readonly EngineInfo[] = []
  /** Since when each engine that cannot be asked now has been away. */
  readonly enginesAway = new Map<string, number>()
  /** How far the host's stream of changes has been taken in. */
  version: Version | null = null

  constructor(host: { id: string; organisationId: string; name: string; transport: FleetHost['transport'] }) {
    this.id = host.id
    this.organisationId = host.organisationId
    this.name = host.name
    this.transport = host.transport
    this.containers = new ObjectTable('container', host.id)
    this.images = new ObjectTable('image', host.id)
  }

  /** What is shown comes from a host that cannot be asked now. */
  get stale(): boolean {
    return this.state !== 'connected'
  }

  /** The same for what one engine has: the host may be there while its daemon is not. */
  isStale(engine: string): boolean {
    return this.stale || this.enginesAway.has(engine)
  }

  /** Why what an engine has is stale while its host is there; undefined where it is not. */
  engineReason(engine: string): string | undefined {
    if (this.stale || !this.enginesAway.has(engine)) return undefined
    const info = this.engines.find(({ id }) => id === engine)
    return info?.reason ?? `${info?.name ?? engine} does not answer.`
  }

  /** True where an engine went or came back by it. */
  setEngines(engines: readonly EngineInfo[], now: number): boolean {
    this.engines = engines
    const away = new Set(engines.filter(({ state }) => state === 'unavailable').map(({ id }) => id))
    const back = [...this.enginesAway.keys()].filter((id) => !away.has(id))
    const gone = [...away].filter((id) => !this.enginesAway.has(id))
    for (const id of back) this.enginesAway.delete(id)
    // One that is away when its host comes back was last heard of no later than the host.
    for (const id of gone) this.enginesAway.set(id, this.stale ? (this.lastSeenAt ?? 0) : now)
    return back.length + gone.length > 0
  }

  toFleetHost(): FleetHost {
    let running = 0
    for (const row of this.containers.rows.values()) if (row.value.state === 'running') running += 1
    let cpuCores: number | null = null
    let memoryBytes: number | null = null
    for (const sample of this.usage.values()) {
      if (sample.cpuCores !== null) cpuCores = (cpuCores ?? 0) + sample.cpuCores
      memoryBytes = (memoryBytes ?? 0) + sample.memoryBytes
    }
    return {
      id: this.id,
      name: this.name,
      state: this.state,
      ...(this.reason === undefined ? {} : { reason: this.reason }),
      transport: this.transport,
      connectedAt: iso(this.connectedAt),
      lastSeenAt: iso(this.lastSeenAt),
      facts: this.facts,
      engines: [...this.engines],
      counts: { containers: this.containers.rows.size, running, images: this.images.rows.size },
      usage: { cpuCores, memoryBytes },
    }
  }
}

export function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}
