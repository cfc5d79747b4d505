import { type Container, fail, type Node, type NodeDetail } from '@flotilla/protocol'

/** The machines of a fake engine that spans several. */
export interface FakeCluster {
  /** What it says it is, whoever reaches it. */
  identity: string
  nodes: readonly string[]
  namespaces: readonly string[]
}

/** On which node a container is, in which namespace, and what made it. */
export type Placement = Pick<Container, 'node' | 'namespace' | 'owner'>

/** The nodes of a fake engine, and where on them its containers are: each in turn. */
export class FakeNodes {
  readonly #nodes: Map<string, Node>
  readonly #namespaces: readonly string[]
  readonly #changed: (node: Node, action: string) => void
  #placed = 0

  constructor(engine: string, cluster: FakeCluster, changed: (node: Node, action: string) => void) {
    this.#namespaces = cluster.namespaces
    this.#changed = changed
    this.#nodes = new Map(
      cluster.nodes.map((name, at) => [
        name,
        {
          ...{ id: `${cluster.identity}-${at}`, engine, name, state: 'ready', schedulable: true, hostname: name },
          roles: [at === 0 ? 'control-plane' : 'worker'],
          addresses: [{ type: 'internal', address: `10.0.0.${at + 1}` }],
          version: '1',
          capacity: { cpus: 4, memoryBytes: 8 * 1024 ** 3, containers: 110 },
          createdAt: '2026-01-01T00:00:00.000Z',
          labels: { zone: `zone-${at}` },
        },
      ]),
    )
  }

  list(): Node[] {
    return [...this.#nodes.values()]
  }

  /** By id or name. NOT_FOUND. */
  inspect(ref: string): NodeDetail {
    const node = this.list().find(({ id, name }) => id === ref || name === ref)
    if (node === undefined) throw fail('fleet.noObject', { kind: 'node', ref })
    return { node, native: { name: node.name } }
  }

  /** A node goes or comes back. */
  turn(name: string, state: Node['state'], stateReason?: string): void {
    const { stateReason: _before, ...node } = this.inspect(name).node
    const turned = { ...node, state, ...(stateReason === undefined ? {} : { stateReason }) }
    this.#nodes.set(name, turned)
    this.#changed(turned, 'update')
  }

  /** Where the next container goes; what has the labels of a project and a role was made by what makes all of those. */
  place({ project, role }: Readonly<Record<string, string>>): Placement {
    const at = this.#placed
    this.#placed += 1
    return {
      node: this.list()[at % this.#nodes.size]?.name,
      namespace: this.#namespaces[at % this.#namespaces.length],
      ...(project === undefined || role === undefined
        ? {}
        : { owner: { kind: 'ReplicaSet', id: `${project}-${role}` } }),
    }
  }
}
