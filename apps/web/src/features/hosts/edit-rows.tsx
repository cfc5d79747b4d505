'use client'

import { Button, Input } from '@flotilla/ui'
import { Plus, X } from 'lucide-react'
import { useId, useRef, type ReactNode } from 'react'

/** A titled list of rows to type in. A new row takes the cursor; when one is removed, the button that adds has it. */
export function EditRows<Row extends { key: string }>(props: {
  title: string
  add: string
  removeLabel: (number: number) => string
  rows: readonly Row[]
  newRow: () => Row
  onRows: (rows: readonly Row[]) => void
  children: (row: Row, number: number, change: (patch: Partial<Row>) => void) => ReactNode
}) {
  const adds = useRef<HTMLButtonElement>(null)
  const { rows, onRows } = props
  return (
    <fieldset aria-label={props.title} className="min-w-0">
      <div className="flex min-h-8 items-center justify-between gap-2">
        <span className="text-sm font-medium">{props.title}</span>
        <Button ref={adds} kind="ghost" size="sm" className="-mr-2" onClick={() => onRows([...rows, props.newRow()])}>
          <Plus />
          {props.add}
        </Button>
      </div>
      <div className="space-y-1.5">
        {rows.map((row, index) => (
          <div key={row.key} className="flex items-center gap-1.5">
            {props.children(row, index + 1, (patch) =>
              onRows(rows.map((each) => (each.key === row.key ? { ...each, ...patch } : each))),
            )}
            <Button
              kind="ghost"
              size="icon-sm"
              aria-label={props.removeLabel(index + 1)}
              onClick={() => {
                adds.current?.focus()
                onRows(rows.filter((each) => each.key !== row.key))
              }}
            >
              <X />
            </Button>
          </div>
        ))}
      </div>
    </fieldset>
  )
}

/** One text of a row; `choices` are offered while one types. */
export function RowInput(props: {
  label: string
  placeholder?: string
  value: string
  isNew: boolean
  choices?: readonly string[]
  onChange: (value: string) => void
}) {
  const id = useId()
  return (
    <>
      <Input
        aria-label={props.label}
        placeholder={props.placeholder}
        value={props.value}
        autoFocus={props.isNew}
        spellCheck={false}
        autoComplete="off"
        list={props.choices ? id : undefined}
        className="min-w-0 flex-1 font-mono text-xs"
        onChange={(event) => props.onChange(event.target.value)}
      />
      {props.choices ? (
        <datalist id={id}>
          {props.choices.map((choice) => (
            <option key={choice} value={choice} />
          ))}
        </datalist>
      ) : null}
    </>
  )
}
