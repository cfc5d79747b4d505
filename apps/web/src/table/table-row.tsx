'use client'

import { Checkbox, cn, Skeleton } from '@flotilla/ui'
import type { Cell, Row } from '@tanstack/react-table'
import type { CSSProperties } from 'react'
import { useTranslations } from 'use-intl'
import { drawn } from './column.ts'
import { RowStop } from './row-stop.ts'

const skeletonRows = 8

/** One row, at its place among all. */
export function TableRow<T>(props: {
  row: Row<T>
  index: number
  label: string
  /** Where it is, how high, and its columns. */
  place: CSSProperties
  className: string | undefined
  isSelectable: boolean
  selected: boolean
  /** The one that the Tab key goes to. */
  isStop: boolean
  onFocus: () => void
  onOpen: () => void
  onToggle: () => void
}) {
  const t = useTranslations('table')
  const { row, label, selected, isSelectable } = props
  return (
    <div
      role="row"
      aria-rowindex={props.index + 2}
      aria-label={label}
      aria-selected={isSelectable ? selected : undefined}
      data-index={props.index}
      tabIndex={props.isStop ? 0 : -1}
      onFocus={props.onFocus}
      onClick={(event) => {
        if (event.target instanceof Element && event.target.closest('a,button,input,[popover],[role="menu"]')) return
        props.onOpen()
      }}
      className={cn(
        'group absolute inset-x-0 top-0 grid cursor-default items-center border-b border-line/60 px-4 hover:bg-raised/50',
        'focus-visible:bg-raised/60 focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-accent',
        selected && 'bg-accent/10 hover:bg-accent/15 focus-visible:bg-accent/15 [&_.text-faint]:text-muted',
        props.className,
      )}
      style={props.place}
    >
      {isSelectable ? (
        <div role="gridcell" className="flex items-center">
          <Checkbox
            aria-label={t('select', { name: label })}
            checked={selected}
            onChange={props.onToggle}
            tabIndex={-1}
            className="after:absolute after:-inset-2.5 max-sm:after:-inset-4"
          />
        </div>
      ) : null}
      <RowStop value={props.isStop}>
        {row.getVisibleCells().map((cell) => (
          <TableCell key={cell.id} cell={cell} />
        ))}
      </RowStop>
    </div>
  )
}

/** Numbers end above each other, whatever their units. */
const numbers = 'pr-6 text-right **:data-unit:inline-block **:data-unit:min-w-6 **:data-unit:text-left'

function TableCell<T>({ cell }: { cell: Cell<T, unknown> }) {
  const { columnDef } = cell.column
  return (
    <div
      role="gridcell"
      className={cn(
        'min-w-0 truncate pr-4 last:pr-0',
        columnDef.meta?.align === 'right' && numbers,
        columnDef.meta?.align === 'end' && 'flex justify-end overflow-visible',
      )}
    >
      {drawn(columnDef.cell, cell.getContext())}
    </div>
  )
}

/** A row that is known to be there and is not loaded yet. */
export function WaitingRow({ index, place }: { index: number; place: CSSProperties }) {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className="absolute inset-x-0 top-0 grid items-center border-b border-line/60 px-4"
      style={place}
    >
      <div role="gridcell" className="pr-8">
        <Skeleton className="h-3.5 w-full" />
      </div>
    </div>
  )
}

/** What stands there while nothing is known yet. */
export function SkeletonRows({
  cells,
  tracks,
  isSelectable,
}: {
  cells: number
  tracks: string
  isSelectable: boolean
}) {
  return Array.from({ length: skeletonRows }, (_, index) => (
    <div
      key={index}
      className="grid h-9 items-center border-b border-line/60 px-4"
      style={{ gridTemplateColumns: tracks }}
    >
      {isSelectable ? <div /> : null}
      {Array.from({ length: cells }, (_, cell) => (
        <div key={cell} className="pr-6">
          <Skeleton className="h-3.5 w-3/4" />
        </div>
      ))}
    </div>
  ))
}
