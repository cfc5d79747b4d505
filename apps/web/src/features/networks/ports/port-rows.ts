import type { FleetContainer, PortMapping } from '@flotilla/protocol'

/** A published port of a container of the fleet. */
export interface PortRow {
  id: string
  port: PortMapping
  container: FleetContainer
  /** The other containers that ask for the same port of the same host. */
  conflicts: readonly FleetContainer[]
}

/** Every published port of these containers, by host and number, with who else asks for the same. */
export function portRows(containers: readonly FleetContainer[]): PortRow[] {
  const asked = new Map<string, { port: PortMapping; container: FleetContainer }[]>()
  for (const container of containers) {
    for (const port of container.ports) {
      const key = `${container.hostId} ${port.protocol} ${port.hostPort}`
      asked.set(key, [...(asked.get(key) ?? []), { port, container }])
    }
  }
  const rows = [...asked.values()].flatMap((same) =>
    same.map(({ port, container }): PortRow => {
      const others = same.filter((each) => each.container !== container && collide(each.port, port))
      return {
        id: `${container.id} ${port.hostIp} ${port.hostPort} ${port.containerPort} ${port.protocol}`,
        port,
        container,
        conflicts: [...new Set(others.map((each) => each.container))],
      }
    }),
  )
  return rows.sort(
    (a, b) => a.container.hostName.localeCompare(b.container.hostName) || a.port.hostPort - b.port.hostPort,
  )
}

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
export function matchesPort({ port, container }: PortRow, search: string): boolean {
  const text =
    `${port.hostPort} ${port.containerPort} ${port.hostIp} ${port.protocol} ${container.name} ${container.hostName}`.toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}
