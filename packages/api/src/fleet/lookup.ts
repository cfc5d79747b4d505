import { type Container, FlotillaError, type Image } from '@flotilla/protocol'
import type { FleetIndex } from './fleet-index.ts'
import type { HostEntry } from './host-entry.ts'
import type { Native, Row } from './object-table.ts'

export interface Found<Value extends Native> {
  readonly host: HostEntry
  readonly row: Row<Value>
}

interface Candidate<Value extends Native> extends Found<Value> {
  readonly names: readonly string[]
}

/**
 * A container by platform id, native id, a unique prefix of either, or its name. NOT_FOUND where the caller's
 * organisation has none; CONFLICT with the candidates where it means several.
 */
export function findContainer(index: FleetIndex, scope: { organisationId: string }, ref: string): Found<Container> {
  for (const host of index.hosts(scope)) {
    const row = host.containers.rows.get(ref)
    if (row !== undefined) return { host, row }
  }
  const all: Candidate<Container>[] = []
  for (const host of index.hosts(scope)) {
    for (const row of host.containers.rows.values()) all.push({ host, row, names: [row.value.name] })
  }
  return choose(all, ref, 'container')
}

/** An image by platform id, config digest, a unique prefix of either (with or without `sha256:`), or a reference. */
export function findImage(index: FleetIndex, scope: { organisationId: string }, ref: string): Found<Image> {
  for (const host of index.hosts(scope)) {
    const row = host.images.rows.get(ref)
    if (row !== undefined) return { host, row }
  }
  const all: Candidate<Image>[] = []
  for (const host of index.hosts(scope)) {
    for (const row of host.images.rows.values()) {
      all.push({ host, row, names: [...row.value.references, ...row.value.digests] })
    }
  }
  return choose(all, ref, 'image')
}

function choose<Value extends Native>(all: readonly Candidate<Value>[], ref: string, noun: string): Found<Value> {
  const steps = [
    (found: Candidate<Value>) => bare(found.row.value.id) === bare(ref),
    (found: Candidate<Value>) => found.names.includes(ref),
    (found: Candidate<Value>) => found.row.id.startsWith(ref) || bare(found.row.value.id).startsWith(bare(ref)),
  ]
  for (const matches of steps) {
    const found = all.filter(matches)
    const [first] = found
    if (first !== undefined && found.length === 1) return first
    if (found.length > 1) throw ambiguous(found, ref, noun)
  }
  throw new FlotillaError('NOT_FOUND', `There is no ${noun} ${ref.slice(0, 100)}.`)
}

function bare(id: string): string {
  return id.startsWith('sha256:') ? id.slice(7) : id
}

function ambiguous<Value extends Native>(found: readonly Candidate<Value>[], ref: string, noun: string): FlotillaError {
  const shown = found
    .slice(0, 10)
    .map(({ host, row, names }) => `${row.id} (${names[0] ?? row.value.id} on ${host.name})`)
  const more = found.length > shown.length ? ` and ${found.length - shown.length} more` : ''
  return new FlotillaError('CONFLICT', `${ref} means several ${noun}s: ${shown.join(', ')}${more}. Use a whole id.`)
}
