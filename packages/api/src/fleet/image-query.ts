import type { FleetImage, Image, ImageListQuery } from '@flotilla/protocol'
import type { FleetIndex } from './fleet-index.ts'
import type { HostEntry } from './host-entry.ts'
import { naturalKey } from './natural-key.ts'
import type { Row } from './object-table.ts'
import { type Page, type Sortable, pageOf } from './page.ts'
import { toFleetImage } from './views.ts'

interface Candidate extends Sortable {
  readonly host: HostEntry
  readonly row: Row<Image>
}

/** One page of images; `counts` is by use, of all that matches but for the use that is asked for. */
export function queryImages(
  index: FleetIndex,
  scope: { organisationId: string },
  query: ImageListQuery,
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
      if (!hostMatches || (query.engine !== undefined && query.engine !== row.value.engine)) continue
      const text = [...row.value.references, ...row.value.digests, row.value.id, row.id, host.name].join('\n')
      if (!words.every((word) => text.toLowerCase().includes(word))) continue
      const use = row.value.usedBy.length > 0 ? 'used' : 'unused'
      counts[use] = (counts[use] ?? 0) + 1
      if (query.use !== undefined && query.use !== use) continue
      found.push({ id: row.id, key: sortKey(query.sort, host, row.value), host, row })
    }
  }
  return pageOf(found, query, counts, ({ host, row }) => toFleetImage(host, row))
}

function sortKey(sort: ImageListQuery['sort'], host: HostEntry, image: Image): string | number {
  switch (sort) {
    case 'reference':
      return naturalKey(image.references[0] ?? image.id)
    case 'size':
      return image.sizeBytes
    case 'created':
      return image.createdAt ?? ''
    case 'used':
      return image.usedBy.length
    case 'host':
      return naturalKey(host.name)
  }
}
