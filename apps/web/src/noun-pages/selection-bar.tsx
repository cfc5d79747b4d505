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
  /** Where all that match can be chosen: how many do, and whether they are. */
  matching?: { total: number; isAll: boolean; onAll: () => void } | undefined
  /** Most that a verb takes. */
  most?: number | undefined
}) {
  const t = useTranslations('table')
  const { rows, matching, most } = props
  const isAll = matching?.isAll ?? false
  if (rows.length === 0) return null
  const count = isAll ? (matching?.total ?? 0) : rows.length
  const reason = most !== undefined && count > most ? t('atMost', { count: most }) : null
  return (
    <div
      role="toolbar"
      aria-label={props.label}
      className="relative flex flex-wrap items-center gap-2 px-4 py-2 motion-safe:animate-pop max-sm:w-full"
    >
      <div className="flex min-h-7 items-center gap-2 max-sm:w-full">
        <span className="text-sm font-medium tabular-nums" role="status">
          {isAll ? t('matching', { count }) : props.text}
        </span>
        {matching === undefined || isAll || matching.total <= rows.length ? null : (
          <Button kind="ghost" size="sm" className="-ml-1 px-1 text-accent" onClick={matching.onAll}>
            {t('selectMatching', { count: matching.total })}
          </Button>
        )}
      </div>
      {props.verbs.map((verb) => (
        <GuardedButton
          key={verb.name}
          size="sm"
          className="max-sm:flex-1"
          {...(verb.isDanger ? { kind: 'danger' } : {})}
          {...(verb.permission ? { permission: verb.permission } : {})}
          reason={reason}
          disabled={props.busy || !(isAll || rows.some((row) => verb.suits?.(row) ?? true))}
          onClick={() => verb.run(rows, isAll)}
        >
          <verb.icon />
          {verb.title}
        </GuardedButton>
      ))}
      <Button
        kind="ghost"
        size="icon-sm"
        className="max-sm:absolute max-sm:top-2 max-sm:right-4"
        aria-label={t('clearSelection')}
        onClick={props.onClear}
      >
        <X />
      </Button>
    </div>
  )
}
