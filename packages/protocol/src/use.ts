import type { Filter, Known } from './view.ts'

const uses = ['used', 'unused'] as const

/** How rows are narrowed (`use`), ordered (`used`) and counted by whether objects of a kind use them, of those that the reader sees. */
export function byUse(kind: string, describe: string) {
  const useOf = ({ users }: Known) => (users(kind) > 0 ? 'used' : 'unused')
  return {
    filter: {
      describe,
      values: uses,
      matching: (wanted: string) => (_row: unknown, known: Known) => useOf(known) === wanted,
    },
    sort: (_row: unknown, { users }: Known) => users(kind),
    counts: { filter: 'use', initial: uses, of: (_row: unknown, known: Known) => useOf(known) },
  }
}

/** The filter of rows that use an object of a kind, which a reader who does not see it cannot ask for. */
export function usesFilter(kind: string, describe: string): Filter<unknown> {
  return {
    describe,
    matching:
      (wanted) =>
      (_row, { refersTo }) =>
        refersTo(kind, wanted),
  }
}
