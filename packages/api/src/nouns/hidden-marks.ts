import type { AnyNoun, Registry, Row } from '@flotilla/protocol'
import { hiddenWord, shortId, withoutWords as withoutNames } from '../fleet/hidden-words.ts'
import type { Holder, Sight } from '../fleet/holder.ts'

const hex = /^[0-9a-f]{32,}$/
/** The link of a native network has six digits of its engine in its name, and the first six of the network's id. */
const linkId = 6

/** What tells the objects that a reader does not see. */
export interface HiddenMarks {
  /** Whole ids, as the engine writes them. */
  readonly ids: ReadonlySet<string>
  /** Digits of those ids that no other text holds, and their beginnings. */
  readonly digits: ReadonlySet<string>
  /** Their first six, at the end of a link's name. */
  readonly links: ReadonlySet<string>
  /** The platform's ids. */
  readonly platformIds: ReadonlySet<string>
  /** What people may call them, and ids that are words, where nothing that the reader sees has that name. */
  readonly words: ReadonlySet<string>
  /** Both, of one kind. */
  of(kind: string): ReadonlySet<string>
}

/** The marks of what a reader does not see, of one engine or of all; undefined where that is nothing. */
export function hiddenMarks(
  { holder, engine, sees }: { holder: Holder; engine?: string; sees: Sight },
  nouns: Pick<Registry, 'byKind'>,
): HiddenMarks | undefined {
  const ids = new Set<string>()
  const digits = new Set<string>()
  const links = new Set<string>()
  const platformIds = new Set<string>()
  const words = new Set<string>()
  const seen = new Set<string>()
  const byKind = new Map<string, Set<string>>()
  for (const { kind, rows } of holder.tables()) {
    const own = new Set<string>()
    byKind.set(kind, own)
    for (const row of rows.values()) {
      if (engine !== undefined && row.engine !== engine) continue
      const { id } = row.value
      const called = [id, ...namesOf(nouns.byKind.get(kind), row.value)]
      if (sees(holder, kind, row)) {
        for (const name of called) seen.add(name)
        continue
      }
      ids.add(id)
      platformIds.add(row.id)
      const bare = id.slice(id.lastIndexOf(':') + 1)
      if (hex.test(bare)) {
        digits.add(bare).add(bare.slice(0, shortId))
        links.add(bare.slice(0, linkId))
      }
      for (const name of called) own.add(name)
      for (const name of called) if (!hex.test(name)) words.add(name)
    }
  }
  if (ids.size === 0) return undefined
  for (const name of seen) words.delete(name)
  return { ids, digits, links, platformIds, words, of: (kind) => byKind.get(kind) ?? new Set() }
}

function namesOf(noun: AnyNoun | undefined, row: Row): readonly string[] {
  return ((noun?.view.names(row) ?? []) as readonly string[]).filter((name) => name !== '')
}

/** A text in which no digits of a hidden id stand any more. */
export function withoutDigits(text: string, { digits, links }: Pick<HiddenMarks, 'digits' | 'links'>): string {
  const isHidden = (found: string) =>
    digits.has(found) || (found.length === 2 * linkId && links.has(found.slice(linkId)))
  return text.replace(/[0-9a-f]{12,}/g, (found) => (isHidden(found) ? hiddenWord : found))
}

/** A text in which no name of a hidden object stands as a word of its own either. */
export function withoutWords(text: string, marks: HiddenMarks): string {
  return withoutNames(withoutDigits(text, marks), marks.words)
}
