'use client'

import { Button, Dialog, DialogActions } from '@flotilla/ui'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import { useStillAsks } from '../data/still-asks.ts'
import { titleOf, type Noun, type NounRow } from '../navigation/nouns.ts'
import type { Chosen } from './use-chosen.ts'
import { type Removal, useRemoval } from './use-removal.ts'

const listed = 6

interface RemoveDialogProps<Row extends NounRow, Answer> extends Removal<Row, Answer> {
  chosen: Chosen<Row>
  /** The question, of those that would go. */
  title: (going: readonly Row[]) => string
  /** What goes with them. */
  takes: ReactNode
  /** Beside the name of a row. */
  detail?: (row: Row) => ReactNode
  /** Why a row stays; null where it goes. */
  stays: (row: Row) => string | null
  /** What else can be chosen. */
  children?: ReactNode
  onClose: () => void
  onRemoved: () => void
}

/** Says what a removal takes before it happens, and what has to stay. */
export function RemoveDialog<Row extends NounRow, Answer>(props: RemoveDialogProps<Row, Answer>) {
  const t = useTranslations('dialogs.removal')
  const common = useTranslations('common')
  const { chosen, stays, onClose, onRemoved } = props
  const { one, many, busy } = useRemoval(props)
  const stillAsks = useStillAsks(chosen.rows)
  const goingOf = (rows: readonly Row[]) => rows.filter((row) => stays(row) === null)
  const going = goingOf(chosen.rows)
  const confirm = async () => {
    const [first] = going
    if (going.length === 1 && first && !chosen.again) {
      const isSame = stillAsks()
      const isGone = await one(first)
      if (!isSame()) return
      onClose()
      if (isGone) onRemoved()
      return
    }
    onClose()
    // What comes to match after the removal is not chosen.
    if (chosen.again) onRemoved()
    const rows = chosen.again ? await chosen.again() : chosen.rows
    if (rows !== null && goingOf(rows).length > 0) await many(goingOf(rows))
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={props.title(going.length > 0 ? going : chosen.rows)}
      description={props.takes}
      closeLabel={common('close')}
    >
      <Affected {...props} />
      {props.children}
      <DialogActions>
        <Button onClick={onClose}>{common('cancel')}</Button>
        <Button kind="danger" disabled={busy || going.length === 0} onClick={() => void confirm()} autoFocus>
          {t('remove')}
        </Button>
      </DialogActions>
    </Dialog>
  )
}

interface AffectedProps<Row extends NounRow> {
  noun: Noun
  chosen: Chosen<Row>
  detail?: (row: Row) => ReactNode
  stays: (row: Row) => string | null
}

/** What stays is named first: that is what one may not expect. */
function Affected<Row extends NounRow>({ noun, chosen: { rows }, detail, stays }: AffectedProps<Row>) {
  const t = useTranslations('dialogs.removal')
  const staying = rows.filter((row) => stays(row) !== null)
  const all = [...staying, ...rows.filter((row) => stays(row) === null)]
  return (
    <>
      {staying.length > 1 ? (
        <p className="mb-2 text-sm text-warn">{t('stay', { count: staying.length, of: rows.length })}</p>
      ) : null}
      <ul className="mb-4 divide-y divide-line rounded-md border border-line">
        {all.slice(0, listed).map((row) => (
          <li key={row.id} className="px-3 py-1.5">
            <span className="flex items-center justify-between gap-4">
              <span className="truncate font-mono text-xs">{titleOf(noun, row)}</span>
              <span className="shrink-0 text-xs text-muted">{detail?.(row)}</span>
            </span>
            {stays(row) === null ? null : <span className="text-xs text-warn">{stays(row)}</span>}
          </li>
        ))}
        {all.length > listed ? (
          <li className="px-3 py-1.5 text-sm text-muted">{t('more', { count: all.length - listed })}</li>
        ) : null}
      </ul>
    </>
  )
}
