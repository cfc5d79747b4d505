import type { Container, ContainerListQuery, FleetContainer } from '@flotilla/protocol'
import type { FleetIndex } from './fleet-index.ts'
import type { HostEntry } from './host-entry.ts'
import { naturalKey } from './natural-key.ts'
import type { Row } from './object-table.ts'
import { type Page, type Sortable, pageOf } from './page.ts'
import { toFleetContainer } from './views.ts'

interface Candidate extends Sortable {
  readonly host: HostEntry
  readonly row: Row<Container>
}

/** One page of containers, from the index alone; `counts` is by state, of all that matches but for the state that is asked for. */
export function queryContainers(
  index: FleetIndex,
  scope: { organisationId: string },
  query: ContainerListQuery,
): Page<FleetContainer> {
  const matches = matcher(query)
  const states = query.state === undefined || query.state === '' ? null : new Set(query.state.split(','))
  const counts: Record<string, number> = {}
  const found: Candidate[] = []
  for (const host of index.hosts(scope)) {
    const hostMatches = query.hostId === undefined || host.id === query.hostId || host.name === query.hostId
    for (const row of host.containers.rows.values()) {
      if (!hostMatches || !matches(row, host)) continue
      const { state } = row.value
      counts[state] = (counts[state] ?? 0) + 1
      if (states === null || states.has(state))
        found.push({ id: row.id, key: sortKey(query.sort, host, row), host, row })
    }
  }
  return pageOf(found, query, counts, ({ host, row }) => toFleetContainer(host, row))
}

function matcher(query: ContainerListQuery): (row: Row<Container>, host: HostEntry) => boolean {
  const words = query.search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const [label, ...rest] = (query.label ?? '').split('=')
  const labelValue = rest.length === 0 ? undefined : rest.join('=')
  return (row, host) => {
    const { value } = row
    if (query.engine !== undefined && value.engine !== query.engine) return false
    if (query.image !== undefined && value.image !== query.image && value.imageId !== query.image) return false
    if (label !== undefined && label !== '') {
      const present = value.labels[label]
      if (present === undefined || (labelValue !== undefined && present !== labelValue)) return false
    }
    if (words.length === 0) return true
    const text = searchText(row, host.name)
    return words.every((word) => text.includes(word))
  }
}

const texts = new WeakMap<Row<Container>, string>()
const names = new WeakMap<Row<Container>, string>()

/** What the search looks into; made once a row, and gone with it. */
function searchText(row: Row<Container>, hostName: string): string {
  const known = texts.get(row)
  if (known !== undefined) return known
  const { value } = row
  const ports = value.ports.map((port) => `${port.hostPort}:${port.containerPort}`)
  const labels = Object.entries(value.labels).map(([name, content]) => `${name}=${content.slice(0, 200)}`)
  const text = [value.name, value.image, row.id, value.id, hostName, value.engine, value.state, ...ports, ...labels]
    .join('\n')
    .toLowerCase()
  texts.set(row, text)
  return text
}

/** Made once a row, and gone with it: the list of all containers is sorted by it. */
function nameKey(row: Row<Container>): string {
  const known = names.get(row)
  if (known !== undefined) return known
  const key = naturalKey(row.value.name)
  names.set(row, key)
  return key
}

function sortKey(sort: ContainerListQuery['sort'], host: HostEntry, row: Row<Container>): string | number {
  switch (sort) {
    case 'name':
      return nameKey(row)
    case 'created':
      return row.value.createdAt
    case 'state':
      return row.value.state
    case 'host':
      return naturalKey(host.name)
    case 'cpu':
      return host.usage.get(row.id)?.cpuCores ?? -1
    case 'memory':
      return host.usage.get(row.id)?.memoryBytes ?? -1
  }
}
