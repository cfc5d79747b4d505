/** What a table that has all its rows is sorted by, and which way. */
export interface Order<By extends string = string> {
  by: By
  order: 'asc' | 'desc'
}

const byText = new Intl.Collator('en', { numeric: true })

/** The rows by what `keyOf` says of each; those of one key stay as they were. */
export function orderRows<T>(rows: readonly T[], keyOf: (row: T) => string | number, order: 'asc' | 'desc'): T[] {
  const sign = order === 'asc' ? 1 : -1
  return rows
    .map((row) => ({ row, key: keyOf(row) }))
    .sort((a, b) => sign * compare(a.key, b.key))
    .map(({ row }) => row)
}

function compare(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : byText.compare(String(a), String(b))
}
