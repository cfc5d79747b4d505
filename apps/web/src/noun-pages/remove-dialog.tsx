'use client'

import { Button, Dialog, toast } from '@flotilla/ui'
import { useQueryClient } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { useErrorText } from '../data/error-note.tsx'
import { useStillAsks } from '../data/still-asks.ts'
import { titleOf, type Noun, type NounRow } from '../navigation/nouns.ts'

const listed = 6
const failuresSaid = 3

interface RemoveDialogProps<Row extends NounRow> {
  noun: Noun
  rows: readonly Row[]
  /** The question, of those that would go. */
  title: (going: readonly Row[]) => string
  /** What goes with them. */
  takes: ReactNode
  /** Beside the name of a row. */
  detail?: (row: Row) => ReactNode
  /** Why a row stays; null where it goes. */
  stays: (row: Row) => string | null
  remove: (row: Row) => Promise<unknown>
  /** What is said of those that went. */
  done: (rows: readonly Row[]) => string
  onClose: () => void
  onRemoved: () => void
}

/** Says what a removal takes before it happens, and what has to stay. */
export function RemoveDialog<Row extends NounRow>(props: RemoveDialogProps<Row>) {
  const t = useTranslations('dialogs.removal')
  const common = useTranslations('common')
  const { noun, rows, stays, onClose } = props
  const { removeAll, busy } = useRemoval(props)
  const stillAsks = useStillAsks(rows)
  const going = rows.filter((row) => stays(row) === null)
  const confirm = async () => {
    const isSame = stillAsks()
    const whole = await removeAll(going)
    if (!isSame()) return
    onClose()
    if (whole) props.onRemoved()
  }
  return (
    <Dialog
      open={rows.length > 0}
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
      title={props.title(going.length > 0 ? going : rows)}
      description={props.takes}
      closeLabel={common('close')}
    >
      <ul className="mb-4 divide-y divide-line rounded-md border border-line">
        {rows.slice(0, listed).map((row) => (
          <li key={row.id} className="px-3 py-1.5">
            <span className="flex items-center justify-between gap-4">
              <span className="truncate font-mono text-xs">{titleOf(noun, row)}</span>
              <span className="shrink-0 text-xs text-muted">{props.detail?.(row)}</span>
            </span>
            {stays(row) === null ? null : <span className="text-xs text-warn">{stays(row)}</span>}
          </li>
        ))}
        {rows.length > listed ? (
          <li className="px-3 py-1.5 text-sm text-muted">{t('more', { count: rows.length - listed })}</li>
        ) : null}
      </ul>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{common('cancel')}</Button>
        <Button kind="danger" disabled={busy || going.length === 0} onClick={() => void confirm()} autoFocus>
          {t('remove')}
        </Button>
      </div>
    </Dialog>
  )
}

/** One after another, so that a host is not asked for many at once. Answers whether all are gone. */
function useRemoval<Row extends NounRow>({ noun, remove, done }: RemoveDialogProps<Row>) {
  const t = useTranslations('dialogs.removal')
  const errorText = useErrorText()
  const queryClient = useQueryClient()
  const [busy, setBusy] = useState(false)
  const removeAll = async (going: readonly Row[]): Promise<boolean> => {
    setBusy(true)
    const gone: Row[] = []
    const failures: { row: Row; error: unknown }[] = []
    for (const row of going) {
      await remove(row).then(
        () => gone.push(row),
        (error: unknown) => failures.push({ row, error }),
      )
    }
    setBusy(false)
    void queryClient.invalidateQueries({ queryKey: [[noun.name, 'list']] })
    if (gone.length > 0) toast('ok', done(gone))
    for (const { row, error } of failures.slice(0, failuresSaid)) {
      toast('bad', t('failed', { name: titleOf(noun, row) }), errorText(error))
    }
    if (failures.length > failuresSaid) toast('bad', t('moreFailed', { count: failures.length - failuresSaid }))
    return failures.length === 0
  }
  return { removeAll, busy }
}
