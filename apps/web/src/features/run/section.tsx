'use client'

import { cn } from '@flotilla/ui'
import { ChevronRight } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import type { FieldName } from './draft.ts'
import { useRunForm } from './form-context.ts'

/** A part of the form that is folded until it is wanted, has an error or was filled by a paste; folded, it says what is set. */
export function Section(props: {
  title: string
  /** What is set in it, in few words; empty where nothing is. */
  summary: string
  /** What can be set in it. */
  contents: string
  fields: readonly FieldName[]
  children: ReactNode
}) {
  const { errors } = useRunForm()
  const [open, setOpen] = useState(false)
  const failing = props.fields.some((field) => errors[field] !== undefined)
  const [wasFailing, setWasFailing] = useState(false)
  if (failing !== wasFailing) {
    setWasFailing(failing)
    if (failing) setOpen(true)
  }
  return (
    <details
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      className="border-t border-line last:border-b"
    >
      <summary className="flex h-10 cursor-default list-none items-center gap-2 rounded-sm text-sm select-none hover:bg-raised/50 focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-accent [&::-webkit-details-marker]:hidden">
        <ChevronRight
          aria-hidden
          className={cn('-ml-1 size-4 shrink-0 text-faint transition-transform duration-150', open && 'rotate-90')}
        />
        <span className="font-medium whitespace-nowrap">{props.title}</span>
        {open ? null : props.summary === '' ? (
          <span className="ml-auto min-w-0 truncate pl-4 text-xs text-faint">{props.contents}</span>
        ) : (
          <span className="ml-auto min-w-0 truncate pl-4 font-mono text-xs text-fg">{props.summary}</span>
        )}
      </summary>
      <div className="grid gap-x-4 gap-y-4 pt-1 pb-5 sm:grid-cols-2 sm:pl-6">{props.children}</div>
    </details>
  )
}

/** The parts of a summary that there are, as one line. */
export function joined(...parts: (string | false)[]): string {
  return parts.filter(Boolean).join(' · ')
}
