import type { FleetContainer, FleetHostPorts, PortMapping, Reach } from '@flotilla/protocol'
import { shareAddress } from '@flotilla/protocol/address'

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
  /** What else asks for the same port of the same host, or has it. */
  conflicts: readonly Rival[]
}

/** A container, or a program of which not more may be known than that it is there. */
export interface Rival {
  name: string
  isProgram: boolean
}

/** Every published port of these containers and every other that their hosts told of, by host, those of containers first, by number. */
export function portRows(containers: readonly FleetContainer[], asked: Asked = new Map()): PortRow[] {
  const rows = [...publishedRows(containers, asked), ...heldRows(containers, asked)]
  const byNumber = new Map<string, PortRow[]>()
  for (const row of rows) {
    const same = byNumber.get(numberOf(row))
    if (same === undefined) byNumber.set(numberOf(row), [row])
    else same.push(row)
  }
  return rows
    .map((row) => ({ ...row, conflicts: rivals(row, byNumber.get(numberOf(row))) }))
    .sort((a, b) => a.hostName.localeCompare(b.hostName) || loose(a) - loose(b) || a.port.hostPort - b.port.hostPort)
}

const numberOf = ({ hostId, port }: PortRow): string => `${hostId} ${port.protocol} ${port.hostPort}`

/** Two programs that have a number already share it. */
function rivals(row: PortRow, same: readonly PortRow[] = []): Rival[] {
  const others = same.filter((other) => {
    if (other === row || (row.program !== null && other.program !== null)) return false
    return (other.container === null || other.container !== row.container) && collide(other.port, row.port)
  })
  const found = others.map(({ container, program }) => ({
    name: program?.name ?? container?.name ?? '',
    isProgram: program !== null,
  }))
  return [...new Map(found.map((rival) => [`${rival.isProgram} ${rival.name}`, rival])).values()]
}

const loose = ({ container }: PortRow): number => (container === null ? 1 : 0)

function publishedRows(containers: readonly FleetContainer[], asked: Asked): PortRow[] {
  const reported = new Map(
    [...asked.values()].flatMap((host) =>
      (host?.published ?? []).map(({ containerId, port, reach }) => [keyOf(containerId, port), reach] as const),
    ),
  )
  return containers.flatMap((container) =>
    container.ports.map((port): PortRow => {
      const id = keyOf(container.id, port)
      const answer = asked.get(container.hostId)
      return {
        ...{ id, port, container, program: null, hostId: container.hostId, hostName: container.hostName },
        reach: answer === null ? null : reported.get(id),
        askedAt: answer?.at ?? null,
        conflicts: [],
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
  return a.hostPort !== 0 && shareAddress(a.hostIp, b.hostIp)
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
