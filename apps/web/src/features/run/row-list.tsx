'use client'

import { Button, cn } from '@flotilla/ui'
import { Plus, X } from 'lucide-react'
import { useEffect, useRef, type ReactNode } from 'react'
import { useRunForm } from './form-context.ts'

/** Rows of a group, one below the other. */
export function Rows({ children }: { children: readonly ReactNode[] }) {
  const list = useRef<HTMLDivElement>(null)
  const count = useRef(children.length)
  // A row that was just added is where the cursor goes.
  useEffect(() => {
    if (children.length > count.current) {
      const added = list.current?.children[children.length - 1]
      added?.querySelector<HTMLInputElement>('input:not([value]), input[value=""]')?.focus()
    }
    count.current = children.length
  }, [children.length])
  if (children.length === 0) return null
  return (
    <div ref={list} className="space-y-1.5 pt-1">
      {children}
    </div>
  )
}

/** One of them, which on a phone may take several lines, with what the server refused of it; `below` is a second line of it. */
export function Row(props: {
  children: ReactNode
  label: string
  onRemove: () => void
  id?: string
  below?: ReactNode
}) {
  const { refused } = useRunForm()
  return (
    <div className={cn(props.id !== undefined && 'max-sm:not-last:pb-3')}>
      <div className="flex items-center gap-1.5 max-sm:flex-wrap">
        {props.children}
        <Button kind="ghost" size="icon-sm" aria-label={props.label} title={props.label} onClick={props.onRemove}>
          <X />
        </Button>
      </div>
      {props.below}
      {props.id !== undefined && refused?.row === props.id ? (
        <p id={`${props.id}-error`} role="alert" className="mt-1 text-xs text-bad">
          {refused.error}
        </p>
      ) : null}
    </div>
  )
}

/** Ties a control of a row to what the server refused of just that part. */
export function useRefusedPart(id: string): (part: string) => { 'aria-invalid'?: true; 'aria-describedby'?: string } {
  const { refused } = useRunForm()
  return (part) =>
    refused?.row === id && refused.part === part ? { 'aria-invalid': true, 'aria-describedby': `${id}-error` } : {}
}

export function Add({ label, onClick, disabled = false }: { label: string; onClick: () => void; disabled?: boolean }) {
  return (
    <Button kind="ghost" size="sm" className="-mr-2" disabled={disabled} onClick={onClick}>
      <Plus />
      {label}
    </Button>
  )
}
