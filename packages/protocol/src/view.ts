import { naturalKey } from './natural-key.ts'

/** What every object has; `id` and `engine` together name it on its host. What is only asked for has no engine of its own. */
export interface Row {
  id: string
  engine?: string
  labels?: Record<string, string>
  /** What this object lacks of what its engine has, by method or option, with the reason. */
  limitations?: Record<string, string> | undefined
}

/** What the platform knows of an object beside its row. */
export interface Known {
  readonly hostName: string
  readonly usage: { readonly cpuCores: number | null; readonly memoryBytes: number } | null
  /** How many objects of a kind refer to it. */
  readonly users: (kind: string) => number
  /** Whether it refers to an object of a kind that has this name or id. */
  readonly refersTo: (kind: string, called: string) => boolean
}

/** One way to narrow a list; its value comes from the address as text. */
export interface Filter<R> {
  /** One line for the API's documentation. */
  readonly describe: string
  /** The values that it takes; left out: any text. */
  readonly values?: readonly string[]
  /** Several values, comma-separated, of which one has to match. */
  readonly many?: true
  /** Reads what is asked for once, and says of each row of a list whether it is that. */
  matching(wanted: string): FilterTest<R>
}

export type SortKey<R> = (row: R, known: Known) => string | number

/** How the rows of a noun are found, ordered and counted; functions of a row alone, so that the browser has them too. */
export interface View<R extends Row> {
  /** What a person calls it, on the screen and in the journal. */
  title(row: R): string
  /** All that it may be called by beside its id. */
  names(row: R): readonly string[]
  /** The words that a search looks into, beside ids and the host's name. */
  search(row: R): readonly string[]
  readonly filters: Readonly<Record<string, Filter<R>>>
  /** The first is the order of a list that asks for none. */
  readonly sorts: Readonly<Record<string, SortKey<R>>>
  /** Rows are counted by the values of this filter, whatever it is set to; undefined: only their total. */
  readonly counts?: { readonly filter: string; readonly initial: readonly string[]; of(row: R, known: Known): string }
}

/** A sort as people count: `web-2` before `web-10`. A key is made once a row, and gone with it: whole lists are sorted by it. */
export function natural<R extends object>(name: (row: R, known: Known) => string): SortKey<R> {
  const keys = new WeakMap<R, { name: string; key: string }>()
  return (row, known) => {
    const said = name(row, known)
    const made = keys.get(row)
    if (made?.name === said) return made.key
    const key = naturalKey(said)
    keys.set(row, { name: said, key })
    return key
  }
}

/** What a row of a list is asked by one filter. */
export type FilterTest<R> = (row: R, known: Known) => boolean

/** Whether rows pass a filter as a list's query sets it; undefined where it does not set it. */
export function filterTest<R>(filter: Filter<R> | undefined, wanted: unknown): FilterTest<R> | undefined {
  if (filter === undefined || typeof wanted !== 'string' || wanted === '') return undefined
  const [first, ...others] = (filter.many === true ? wanted.split(',') : [wanted]).map((one) => filter.matching(one))
  if (others.length === 0) return first
  // A loop, since for each row of a list a function of its own costs more than what it does.
  return (row, known) => {
    if (first?.(row, known) === true) return true
    for (const test of others) if (test(row, known)) return true
    return false
  }
}

/** The filter `label`, for rows that have labels: `name` or `name=value`. */
export const labelFilter: Filter<{ labels: Record<string, string> }> = {
  describe: '`name` or `name=value`',
  matching: (wanted) => {
    const pairs = pairsIn(wanted)
    // A look at the value first: most rows of a list end there, and it costs a quarter of `hasOwn`.
    return ({ labels }) => {
      if (labels[wanted] !== undefined && Object.hasOwn(labels, wanted)) return true
      for (const [name, value] of pairs) if (labels[name] === value && Object.hasOwn(labels, name)) return true
      return false
    }
  },
}

/** The names and values that `name=value` may mean: the name itself may hold the sign. */
function pairsIn(wanted: string): [name: string, value: string][] {
  const parts = wanted.split('=')
  return parts.slice(1).map((_, at) => [parts.slice(0, at + 1).join('='), parts.slice(at + 1).join('=')])
}
