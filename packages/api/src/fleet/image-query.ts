import type { FleetImage, Image, ListQuery } from '@flotilla/protocol'
import type { z } from 'zod'
import type { FleetIndex } from './fleet-index.ts'
import type { HostEntry } from './host-entry.ts'
import type { Row } from './object-table.ts'
import { type Page, type Sortable, pageOf } from './page.ts'
import { toFleetImage } from './views.ts'

interface Candidate extends Sortable {
  readonly host: HostEntry
  readonly row: Row<Image>
}

/** One page of images, by reference; `counts` is by use. */
export function queryImages(
  index: FleetIndex,
  scope: { organisationId: string },
  query: z.output<typeof ListQuery>,
): Page<FleetImage> {
  const words = query.search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const counts: Record<string, number> = { used: 0, unused: 0 }
  const found: Candidate[] = []
  for (const host of index.hosts(scope)) {
    const hostMatches = query.hostId === undefined || host.id === query.hostId || host.name === query.hostId
    for (const row of host.images.rows.values()) {
      const use = row.value.usedBy.length > 0 ? 'used' : 'unused'
      counts[use] = (counts[use] ?? 0) + 1
      if (!hostMatches || (query.engine !== undefined && query.engine !== row.value.engine)) continue
      const text = [...row.value.references, ...row.value.digests, row.value.id, row.id, host.name].join('\n')
      if (!words.every((word) => text.toLowerCase().includes(word))) continue
      found.push({ id: row.id, key: (row.value.references[0] ?? row.value.id).toLowerCase(), host, row })
    }
  }
  return pageOf(found, query, counts, ({ host, row }) => toFleetImage(host, row))
}
