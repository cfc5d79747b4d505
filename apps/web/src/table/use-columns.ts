import type { ColumnDef } from '@tanstack/react-table'
import { useMemo, type ReactNode } from 'react'

const rowHeight = 36
/** Below this width of the table a row is what `narrow` makes of it, two lines high. */
const narrowBelow = 560
const narrowRowHeight = 60

/** The columns that a table of this width in pixels shows, and how high its rows are. */
export function useColumns<T>(
  all: ColumnDef<T>[],
  width: number,
  narrow: ((row: T) => ReactNode) | undefined,
): { columns: ColumnDef<T>[]; height: number } {
  const isNarrow = narrow !== undefined && width > 0 && width < narrowBelow
  const columns = useMemo(() => {
    if (!isNarrow) return all.filter((column) => (column.meta?.from ?? 0) <= width)
    const [first] = all
    // It holds more than the first column's number.
    const { align: _align, ...meta } = first?.meta ?? {}
    const whole: ColumnDef<T> = {
      ...first,
      id: 'narrow',
      meta: { ...meta, track: 'minmax(0, 1fr)' },
      cell: ({ row }) => narrow(row.original),
    }
    return [whole, ...all.filter((column) => column.meta?.always)]
  }, [all, width, isNarrow, narrow])
  return { columns, height: isNarrow ? narrowRowHeight : rowHeight }
}

/** The CSS grid that the head and every row share. */
export function tracksOf<T>(columns: readonly ColumnDef<T>[], isSelectable: boolean): string {
  return [...(isSelectable ? ['2rem'] : []), ...columns.map((column) => column.meta?.track ?? 'minmax(0, 1fr)')].join(
    ' ',
  )
}
