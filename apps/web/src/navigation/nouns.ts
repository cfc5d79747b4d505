import type { NounRow, NounSpec } from './noun-spec.ts'
import * as specs from './nouns/index.ts'

export type { NounRow } from './noun-spec.ts'

type Specs = typeof specs
export type NounName = Specs[keyof Specs]['name']
export type NounKind = Specs[keyof Specs]['kind']

/** A kind of thing that has a list and a page for each one. */
export interface Noun extends NounSpec {
  kind: NounKind
  name: NounName
}

/**
 * The one list of nouns, in the order of the rail: the rail, the shortcuts, the palette, the line of where one is and the scope
 * are made from it.
 */
export const nouns: readonly Noun[] = Object.values<Noun>(specs).sort((a, b) => a.place - b.place)

/** The noun of that name. */
export function nounOf(name: NounName): Noun {
  const noun = nouns.find((each) => each.name === name)
  if (noun === undefined) throw new Error(`no noun is called ${name}`)
  return noun
}

/** What a person calls a thing. */
export function titleOf(noun: Noun, row: NounRow): string {
  return noun.title?.(row) ?? row.name ?? row.id
}
