import type { RowData } from '@tanstack/react-table'
import type { ReactNode } from 'react'

declare module '@tanstack/react-table' {
  interface ColumnMeta<TData extends RowData, TValue> {
    /** A CSS grid track: `minmax(10rem, 2fr)`. */
    track: string
    /** Shown from this width of the table on, in pixels. */
    from?: number
    /** `right` is for numbers, which keep a distance from the next column; `end` for what ends the row. */
    align?: 'right' | 'end'
    /** Stays where the table is narrow. */
    always?: boolean
    /** The server's word to sort by; a column without one does not sort. */
    sort?: string
    readonly types?: [TData, TValue]
  }
}

/**
 * What a column gives, called and not mounted: columns that are made anew would else mount every cell anew, and a click whose
 * button was let go after that would be lost. So a column's functions may not use hooks themselves.
 */
export function drawn<Context>(column: unknown, context: Context): ReactNode {
  return typeof column === 'function' ? (column as (context: Context) => ReactNode)(context) : (column as ReactNode)
}
