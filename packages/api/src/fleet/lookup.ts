import { type AnyNoun, type FlotillaError, fail } from '@flotilla/protocol'
import type { FleetIndex } from './fleet-index.ts'
import { everything, type HostEntry, type Sight } from './host-entry.ts'
import type { IndexRow } from './object-table.ts'

export interface Found {
  readonly host: HostEntry
  readonly row: IndexRow
}

interface Candidate extends Found {
  readonly names: readonly string[]
}

/**
 * An object by platform id, native id, a unique prefix of either (with or without `sha256:`), or one of its names. NOT_FOUND
 * where the reader sees none; CONFLICT with the candidates where it means several.
 */
export function findObject(
  index: FleetIndex,
  reader: { organisationId: string; sees?: Sight },
  noun: AnyNoun,
  ref: string,
): Found {
  const { sees = everything } = reader
  const hosts = index.hosts(reader)
  for (const host of hosts) {
    const row = host.rows(noun.kind).get(ref)
    if (row !== undefined && sees(host, noun.kind, row)) return { host, row }
  }
  const all: Candidate[] = []
  for (const host of hosts) {
    for (const row of host.rows(noun.kind).values()) {
      if (sees(host, noun.kind, row)) all.push({ host, row, names: noun.view.names(row.value) })
    }
  }
  return choose(all, ref, noun.kind)
}

function choose(all: readonly Candidate[], ref: string, kind: string): Found {
  const steps = [
    (found: Candidate) => bare(found.row.value.id) === bare(ref),
    (found: Candidate) => found.names.includes(ref),
    (found: Candidate) => found.row.id.startsWith(ref) || bare(found.row.value.id).startsWith(bare(ref)),
  ]
  for (const matches of steps) {
    const found = all.filter(matches)
    const [first] = found
    if (first !== undefined && found.length === 1) return first
    if (found.length > 1) throw ambiguous(found, ref, kind)
  }
  throw fail('fleet.noObject', { kind, ref: ref.slice(0, 100) })
}

function bare(id: string): string {
  return id.startsWith('sha256:') ? id.slice(7) : id
}

function ambiguous(found: readonly Candidate[], ref: string, kind: string): FlotillaError {
  const shown = found
    .slice(0, 10)
    .map(({ host, row, names }) => `${row.id} (${names[0] ?? row.value.id} on ${host.name})`)
  const more = found.length > shown.length ? ` and ${found.length - shown.length} more` : ''
  const objects = found.slice(0, 10).map(({ row }) => ({ kind, id: row.id }))
  return fail('fleet.ambiguous', { ref, kind, candidates: `${shown.join(', ')}${more}` }, { objects })
}
