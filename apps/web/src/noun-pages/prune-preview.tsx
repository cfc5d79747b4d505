'use client'

import type { Retained } from '@flotilla/protocol'
import { Button, DialogActions, Note, Skeleton } from '@flotilla/ui'
import { useState, type ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorNote } from '../data/error-note.tsx'
import { RetainedNote } from './retained-note.tsx'

interface Item {
  id: string
  name: string
  detail?: ReactNode
}

interface PrunePreviewProps {
  /** No host, or no engine of it, can be asked now. */
  isNowhere: boolean
  query: { isError: boolean; isFetching: boolean; error: unknown; refetch: () => Promise<unknown> }
  /** What would go now; undefined while that is not known. */
  items: readonly Item[] | undefined
  total?: ReactNode
  nothing: string
  failure: unknown
  busy: boolean
  /** Removes exactly these; answers what was kept, or null where it failed. */
  onPrune: (ids: string[]) => Promise<readonly Retained[] | null>
  onClose: () => void
}

/** What a prune would take, by name, and the button that takes exactly that. */
export function PrunePreview(props: PrunePreviewProps) {
  const t = useTranslations('dialogs.prune')
  const common = useTranslations('common')
  const [retained, setRetained] = useState<readonly Retained[]>([])
  // What is gone by the next look keeps the name that it had.
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map())
  const { query, isNowhere } = props
  const items = isNowhere ? [] : (props.items ?? [])
  const prune = async () => {
    const retained = await props.onPrune(items.map(({ id }) => id))
    if (retained === null) return
    if (retained.length === 0) return props.onClose()
    setNames(new Map(items.map(({ id, name }) => [id, name])))
    setRetained(retained)
    await query.refetch()
  }
  return (
    <>
      {props.failure === null ? null : <ErrorNote error={props.failure} title={t('removeFailed')} />}
      <RetainedNote retained={retained} nameOf={(id) => names.get(id) ?? id.slice(0, 12)} />
      <Listed {...props} />
      <DialogActions>
        <span className="mr-auto text-sm text-muted tabular-nums max-sm:basis-full" role="status">
          {items.length > 0 ? props.total : null}
        </span>
        <Button onClick={props.onClose}>{common('cancel')}</Button>
        <Button
          kind="danger"
          disabled={props.busy || query.isFetching || items.length === 0}
          onClick={() => void prune()}
        >
          {t('remove', { count: items.length })}
        </Button>
      </DialogActions>
    </>
  )
}

function Listed({ query, items, nothing, isNowhere }: PrunePreviewProps) {
  const t = useTranslations('dialogs.prune')
  if (isNowhere) return <Note tone="warn">{t('nowhere')}</Note>
  if (items === undefined && query.isError)
    return <ErrorNote error={query.error} title={t('failed')} onRetry={() => void query.refetch()} />
  if (items === undefined)
    return (
      <div aria-busy="true" aria-label={t('looking')} role="group">
        <Skeleton className="h-24" />
      </div>
    )
  if (items.length === 0) return <p className="text-sm text-muted">{nothing}</p>
  return (
    <ul
      tabIndex={0}
      aria-label={t('list')}
      className="max-h-60 divide-y divide-line overflow-y-auto rounded-md border border-line focus-visible:outline-2 focus-visible:outline-accent"
    >
      {items.map((item) => (
        <li key={item.id} className="flex items-center justify-between gap-4 px-3 py-1.5">
          <span className="truncate font-mono text-xs">{item.name}</span>
          <span className="shrink-0 text-xs text-muted">{item.detail}</span>
        </li>
      ))}
    </ul>
  )
}
