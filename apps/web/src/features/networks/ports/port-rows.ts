import type { FleetContainer, FleetHostPorts, PortMapping, Reach } from '@flotilla/protocol'

/** What a host said of its open ports when it was last asked; null: it gave no answer. */
export type Asked = ReadonlyMap<string, FleetHostPorts | null>

/** A published port of a container of the fleet, or one that a program of a host holds. */
export interface PortRow {
  id: string
  port: PortMapping
  hostId: string
  hostName: string
  /** Null: the program runs in none. */
  container: FleetContainer | null
  /** Who holds a port that no container has published. */
  program: { name: string; pid: number | null } | null
  /** Who reaches it; undefined while the host has not said so, null where it will not. */
  reach: readonly Reach[] | null | undefined
  /** When that was. */
  askedAt: string | null
  /** The other containers that ask for the same port of the same host. */
  conflicts: readonly FleetContainer[]
}

/** Every published port of these containers and every other that their hosts told of, by host, those of containers first, by number. */
export function portRows(containers: readonly FleetContainer[], asked: Asked = new Map()): PortRow[] {
  const rows = [...publishedRows(containers, asked), ...heldRows(containers, asked)]
  return rows.sort(
    (a, b) => a.hostName.localeCompare(b.hostName) || loose(a) - loose(b) || a.port.hostPort - b.port.hostPort,
  )
}

const loose = ({ container }: PortRow): number => (container === null ? 1 : 0)

function publishedRows(containers: readonly FleetContainer[], asked: Asked): PortRow[] {
  const wanted = new Map<string, { port: PortMapping; container: FleetContainer }[]>()
  for (const container of containers) {
    for (const port of container.ports) {
      const key = `${container.hostId} ${port.protocol} ${port.hostPort}`
      wanted.set(key, [...(wanted.get(key) ?? []), { port, container }])
    }
  }
  const reported = new Map(
    [...asked.values()].flatMap((host) =>
      (host?.published ?? []).map(({ containerId, port, reach }) => [keyOf(containerId, port), reach] as const),
    ),
  )
  return [...wanted.values()].flatMap((same) =>
    same.map(({ port, container }): PortRow => {
      const others = same.filter((each) => each.container !== container && collide(each.port, port))
      const id = keyOf(container.id, port)
      const answer = asked.get(container.hostId)
      return {
        ...{ id, port, container, program: null, hostId: container.hostId, hostName: container.hostName },
        reach: answer === null ? null : reported.get(id),
        askedAt: answer?.at ?? null,
        conflicts: [...new Set(others.map((each) => each.container))],
      }
    }),
  )
}

function heldRows(containers: readonly FleetContainer[], asked: Asked): PortRow[] {
  const byId = new Map(containers.map((container) => [container.id, container]))
  return [...asked.values()].flatMap((host) =>
    (host?.held ?? []).map(({ protocol, address, port, program, pid, container, reach }): PortRow => {
      const mapping = { protocol, hostIp: address, hostPort: port, containerPort: port }
      return {
        id: keyOf(`${host?.hostId} ${pid}`, mapping),
        ...{ port: mapping, hostId: host?.hostId ?? '', hostName: host?.hostName ?? '' },
        ...{ container: byId.get(container?.id ?? '') ?? null, program: { name: program, pid } },
        ...{ reach, askedAt: host?.at ?? null, conflicts: [] },
      }
    }),
  )
}

const keyOf = (owner: string, { hostIp, hostPort, containerPort, protocol }: PortMapping): string =>
  `${owner} ${hostIp} ${hostPort} ${containerPort} ${protocol}`

/** Whether two mappings of one number and protocol cannot both be had. One that is chosen at the start collides with none. */
function collide(a: PortMapping, b: PortMapping): boolean {
  if (a.hostPort === 0) return false
  return a.hostIp === b.hostIp || covers(a.hostIp, b.hostIp) || covers(b.hostIp, a.hostIp)
}

function covers(wide: string, narrow: string): boolean {
  if (wide === '') return true
  if (wide === '0.0.0.0') return narrow === '' || !narrow.includes(':')
  return wide === '::' && (narrow === '' || narrow.includes(':'))
}

/** Whether every word that was typed is in what a row says. */
export function matchesPort({ port, container, program, hostName }: PortRow, search: string): boolean {
  const owner = `${container?.name ?? ''} ${program?.name ?? ''}`
  const text =
    `${port.hostPort} ${port.containerPort} ${port.hostIp} ${port.protocol} ${owner} ${hostName}`.toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}
