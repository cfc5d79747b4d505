'use client'

import { Checkbox, cn } from '@flotilla/ui'
import type { Row, Table } from '@tanstack/react-table'
import { ArrowDown, ArrowUp } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { drawn } from './column.ts'

export interface Sorting {
  by: string
  order: 'asc' | 'desc'
  onChange: (by: string, order: 'asc' | 'desc') => void
}

export interface Selection {
  selected: ReadonlySet<string>
  onChange: (selected: ReadonlySet<string>) => void
}

/** The names of the columns, which stay in sight; those that sort are buttons. */
export function TableHead<T>(props: {
  table: Table<T>
  tracks: string
  sort: Sorting | undefined
  selection: Selection | undefined
}) {
  const { table, selection } = props
  return (
    <div role="rowgroup" className="sticky top-0 z-10 border-b border-line bg-bg">
      <div
        role="row"
        aria-rowindex={1}
        className="grid h-9 items-center px-4"
        style={{ gridTemplateColumns: props.tracks }}
      >
        {selection ? <SelectAll rows={table.getRowModel().rows} selection={selection} /> : null}
        {table.getFlatHeaders().map((header) => (
          <HeaderCell
            key={header.id}
            sort={props.sort}
            by={header.column.columnDef.meta?.sort}
            right={header.column.columnDef.meta?.align === 'right'}
          >
            {drawn(header.column.columnDef.header, header.getContext())}
          </HeaderCell>
        ))}
      </div>
    </div>
  )
}

function SelectAll<T>({ rows, selection }: { rows: readonly Row<T>[]; selection: Selection }) {
  const t = useTranslations('table')
  const all = rows.length > 0 && rows.every((row) => selection.selected.has(row.id))
  return (
    <div role="columnheader" className="flex items-center">
      <Checkbox
        aria-label={t('selectAll')}
        checked={all}
        indeterminate={!all && rows.some((row) => selection.selected.has(row.id))}
        disabled={rows.length === 0}
        onChange={() => selection.onChange(all ? new Set() : new Set(rows.map((row) => row.id)))}
      />
    </div>
  )
}

function HeaderCell(props: { sort: Sorting | undefined; by: string | undefined; right: boolean; children: ReactNode }) {
  const { sort, by } = props
  const sorted = sort !== undefined && by !== undefined && sort.by === by
  const next = sorted && sort.order === 'asc' ? 'desc' : 'asc'
  return (
    <div
      role="columnheader"
      aria-sort={sorted ? (sort.order === 'asc' ? 'ascending' : 'descending') : undefined}
      className={cn('min-w-0 truncate pr-4 text-xs text-muted last:pr-0', props.right && 'pr-6 text-right')}
    >
      {sort && by ? (
        <button
          type="button"
          onClick={() => sort.onChange(by, next)}
          className={cn(
            'inline-flex items-center gap-1 rounded-sm hover:text-fg focus-visible:outline-2 focus-visible:outline-accent',
            sorted && 'font-medium text-fg',
          )}
        >
          {props.children}
          {sorted ? (
            sort.order === 'asc' ? (
              <ArrowUp className="size-3" aria-hidden />
            ) : (
              <ArrowDown className="size-3" aria-hidden />
            )
          ) : null}
        </button>
      ) : (
        props.children
      )}
    </div>
  )
}
