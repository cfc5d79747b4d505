'use client'

import { Button } from '@flotilla/ui'
import { X } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { GuardedButton } from '../data/guarded-button.tsx'
import type { Verb } from './verb.ts'

/** What can be done to the rows that are chosen, with their count. */
export function SelectionBar<Row>(props: {
  label: string
  /** How many they are. */
  text: string
  rows: readonly Row[]
  verbs: readonly Verb<Row>[]
  busy: boolean
  onClear: () => void
}) {
  const t = useTranslations('table')
  const { rows } = props
  if (rows.length === 0) return null
  return (
    <div
      role="toolbar"
      aria-label={props.label}
      className="flex flex-wrap items-center gap-2 border-t border-line-strong bg-overlay px-4 py-2 motion-safe:animate-pop"
    >
      <span className="mr-2 text-sm font-medium tabular-nums" role="status">
        {props.text}
      </span>
      {props.verbs.map((verb) => (
        <GuardedButton
          key={verb.name}
          size="sm"
          {...(verb.isDanger ? { kind: 'danger' } : {})}
          {...(verb.permission ? { permission: verb.permission } : {})}
          disabled={props.busy || !rows.some((row) => verb.suits?.(row) ?? true)}
          onClick={() => verb.run(rows)}
        >
          <verb.icon />
          {verb.title}
        </GuardedButton>
      ))}
      <Button kind="ghost" size="icon-sm" className="ml-auto" aria-label={t('clearSelection')} onClick={props.onClear}>
        <X />
      </Button>
    </div>
  )
}
