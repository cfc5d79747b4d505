'use client'

import type { Noun } from '../navigation/nouns.ts'
import { useUrlState } from '../navigation/url-state.ts'
import { usePlaceFilter } from './use-place-filter.tsx'

/** What a filter's text in the address means to the list's query; undefined where it narrows nothing. */
type Read<Value> = (text: string) => Value | undefined
type Filters = Record<string, Read<unknown>>
type FilterInput<F extends Filters> = { [Name in keyof F]?: NonNullable<ReturnType<F[Name]>> }

/** A filter by any text, or by several words with commas between. */
export const anyText: Read<string> = (text) => text || undefined

/** A filter by one of these words. */
export function oneOf<Word extends string>(words: readonly Word[]): Read<Word> {
  return (text) => words.find((word) => word === text)
}

export type ListAddress = Omit<ReturnType<typeof useListAddress>, 'input'>

/**
 * What a list is asked for, all of it in the address: the search (`q`), the filters, the host and the engine, the order. `input` is
 * for the list's query. The first of `sorts` is what it is sorted by without a word. Both options should not change.
 */
export function useListAddress<Sort extends string = never, F extends Filters = Record<never, never>>(
  noun: Noun,
  { sorts = [], filters }: { sorts?: readonly Sort[]; filters?: F } = {},
) {
  const url = useUrlState()
  const place = usePlaceFilter()
  const search = url.get('q')
  const [first] = sorts
  const sort = sorts.find((each) => each === url.get('sort')) ?? first
  const order: 'asc' | 'desc' = url.get('order') === 'desc' ? 'desc' : 'asc'
  const asked = Object.fromEntries(
    Object.entries(filters ?? {})
      .map(([name, read]) => [name, read(url.get(name))] as const)
      .filter(([, value]) => value !== undefined),
  ) as FilterInput<F>
  const none = Object.fromEntries(Object.keys(filters ?? {}).map((name) => [name, null]))
  return {
    input: {
      search,
      ...asked,
      ...(noun.isScoped ? place.input : {}),
      ...(sort === undefined ? {} : { sort, order }),
    },
    search,
    place,
    sort: sort === undefined ? undefined : { by: sort as string, order },
    isFiltered: search !== '' || Object.keys(asked).length > 0 || (noun.isScoped && place.isSet),
    get: url.get,
    set: url.set,
    setSort: (by: string, next: 'asc' | 'desc') =>
      url.set({ sort: by === first ? null : by, order: next === 'asc' ? null : next }),
    clear: () => url.set({ q: null, ...none, ...(noun.isScoped ? place.none : {}) }),
  }
}
