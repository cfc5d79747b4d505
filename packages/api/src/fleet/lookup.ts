import {
  type AnyNoun,
  bareId,
  beginsId,
  type FlotillaError,
  fail,
  leastDigitsFor,
  type Method,
} from '@flotilla/protocol'
import type { FleetIndex } from './fleet-index.ts'
import { everything, type Holder, type Sight } from './holder.ts'
import type { HostEntry } from './host-entry.ts'
import type { IndexRow } from './object-table.ts'
import { WatchedHolder } from './watched-holder.ts'

export interface Found {
  readonly holder: Holder
  readonly row: IndexRow
}

/** What an object is looked up for: whether that changes something. */
type Changing = Pick<Method, 'change'>

interface Candidate extends Found {
  readonly names: readonly string[]
}

/**
 * An object by platform id, native id, a unique beginning of either (with or without `sha256:`; a native id that is a word has
 * none), or one of its names. For a method that changes something a beginning has twelve digits at least. NOT_FOUND where the
 * reader sees none; CONFLICT with the candidates where it means several.
 */
export function findObject(
  index: FleetIndex,
  reader: { organisationId: string; sees?: Sight },
  noun: AnyNoun,
  ref: string,
  method: Changing,
): Found {
  const { sees = everything } = reader
  const holders = index.holders(reader, noun)
  for (const holder of holders) {
    const row = holder.rows(noun.kind).get(ref)
    if (row !== undefined && sees(holder, noun.kind, row)) return { holder, row }
  }
  const all: Candidate[] = []
  for (const holder of holders) {
    for (const row of holder.rows(noun.kind).values()) {
      if (sees(holder, noun.kind, row)) all.push({ holder, row, names: noun.view.names(row.value) })
    }
  }
  return choose(all, ref, noun.kind, leastDigitsFor(method))
}

/** An object, and through which host a call about it goes, by that agent's name of the engine. */
export interface FoundOnHost extends Found {
  readonly holder: WatchedHolder
  readonly host: HostEntry
  readonly engine: string
}

/** The same of a noun whose objects are on hosts. */
export function findOnHost(
  index: FleetIndex,
  reader: { organisationId: string; sees?: Sight },
  noun: AnyNoun,
  ref: string,
  method: Changing,
): FoundOnHost {
  const { holder, row } = findObject(index, reader, noun, ref, method)
  if (!(holder instanceof WatchedHolder)) throw fail('call.failed', {}, { detail: `no host holds a ${noun.kind}` })
  const { hostId, engine } = holder.reach(noun.kind, row)
  const host = index.host(hostId)
  if (host === undefined) throw fail('fleet.noSuchHost')
  return { holder, row, host, engine }
}

/** The same among the objects of one engine. */
export function findBeside(
  { host, engine }: { host: HostEntry; engine: string },
  { sees = everything }: { sees?: Sight },
  noun: AnyNoun,
  ref: string,
  method: Changing,
): Found {
  const holder = holderOf(host, engine)
  const isIts = (row: IndexRow) => holder !== host || row.engine === engine
  const rows = [...holder.rows(noun.kind).values()].filter((row) => isIts(row) && sees(holder, noun.kind, row))
  const exact = rows.find(({ id }) => id === ref)
  if (exact !== undefined) return { holder, row: exact }
  return choose(
    rows.map((row) => ({ holder, row, names: noun.view.names(row.value) })),
    ref,
    noun.kind,
    leastDigitsFor(method),
  )
}

/** Who has what an engine of a host has. CONFLICT where its agent may not speak for the engine. */
export function holderOf(host: HostEntry, engine: string): WatchedHolder {
  const holder = host.holderOf(engine)
  if (holder === undefined) throw fail('fleet.engineNotAllowed', { host: host.name, engine })
  return holder
}

/** Ids that engines make, which nothing is called like by chance. */
const digits = /^[0-9a-f]{32,}$/

function choose(all: readonly Candidate[], ref: string, kind: string, least: number): Found {
  const steps = [
    (found: Candidate) => digits.test(bareId(ref)) && bareId(found.row.value.id) === bareId(ref),
    // An id that is a word counts as a name, as Docker's of volumes do: another engine may have that name as well.
    (found: Candidate) => found.names.includes(ref) || bareId(found.row.value.id) === bareId(ref),
    ({ row }: Candidate) =>
      beginsId(row.id, ref, least) || (digits.test(bareId(row.value.id)) && beginsId(row.value.id, ref, least)),
  ]
  for (const matches of steps) {
    const found = all.filter(matches)
    const [first] = found
    if (first !== undefined && found.length === 1) return first
    if (found.length > 1) throw ambiguous(found, ref, kind)
  }
  throw fail('fleet.noObject', { kind, ref: ref.slice(0, 100) })
}

function ambiguous(found: readonly Candidate[], ref: string, kind: string): FlotillaError {
  const shown = found.slice(0, 10).map(({ holder, row, names }) => {
    const name = names[0] ?? row.value.id
    return `${row.id} (${holder.name === '' ? name : `${name} on ${holder.name}`})`
  })
  const more = found.length > shown.length ? ` and ${found.length - shown.length} more` : ''
  const objects = found.slice(0, 10).map(({ row }) => ({ kind, id: row.id }))
  return fail('fleet.ambiguous', { ref, kind, candidates: `${shown.join(', ')}${more}` }, { objects })
}
